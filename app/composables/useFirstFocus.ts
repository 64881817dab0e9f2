/**
 * Gives the keys to the field of that template ref when a page has come, unless its reader was quicker: who types into
 * another field before the code takes over must not go on typing in this one. `UInput` by itself would not ask.
 */
export function useFirstFocus(name: string): void {
  const field = useTemplateRef<{ inputRef: HTMLInputElement | null }>(name)
  onMounted(() => {
    if (document.activeElement === document.body) field.value?.inputRef?.focus()
  })
}
