/**
 * Single letters that move through the rows of a list and act on the one reached. Not while something is typed, and
 * not where the reader switched single-letter keys off.
 */
export function useRowKeys(count: () => number, actions: Record<string, (row: number | undefined, event: KeyboardEvent) => void>, reached: (row: number) => void) {
  const row = ref<number>()

  function press(event: KeyboardEvent) {
    if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented || isTyping(event.target) || !count()) return
    const key = event.key.toLowerCase()
    if (key === 'j' || key === 'k') {
      const next = row.value === undefined ? 0 : row.value + (key === 'j' ? 1 : -1)
      row.value = Math.min(count() - 1, Math.max(0, next))
      reached(row.value)
    }
    else if (actions[key]) actions[key](row.value, event)
    else return
    event.preventDefault()
  }

  onMounted(() => {
    if (localStorage.getItem('bongsu-trace-letters') !== 'off') window.addEventListener('keydown', press)
  })
  onBeforeUnmount(() => window.removeEventListener('keydown', press))

  return row
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
}
