export default defineAppConfig({
  ui: {
    // Fields have an outline that can be seen, and the size of the plain ones beside them.
    input: { variants: { size: { xl: { base: 'sm:text-[14px]' } }, variant: { outline: 'ring-(--line)' } } },
  },
})
