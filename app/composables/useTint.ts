/** Figures that changed are tinted for a second: one observer for a whole region, nothing at all in its markup. */
export function useTint(region: Readonly<Ref<HTMLElement | null>>) {
  onMounted(() => {
    if (!region.value || matchMedia('(prefers-reduced-motion: reduce)').matches) return
    const observer = new MutationObserver((changes) => {
      const cells = new Set(changes.map(({ target }) => (target instanceof Element ? target : target.parentElement)?.closest('.figure')))
      for (const cell of cells) {
        cell?.animate([{ backgroundColor: 'color-mix(in oklab, var(--ui-primary) 14%, transparent)' }, { backgroundColor: 'transparent' }], 1_000)
      }
    })
    observer.observe(region.value, { subtree: true, characterData: true })
    onBeforeUnmount(() => observer.disconnect())
  })
}
