import type { provideTracePage } from './useTracePage'

const STORED = 'bongsu-trace-letters'

/** Whether single-letter keys act; kept in the browser, because it is a matter of hands and not of the account. */
export function useTraceLetters(): Ref<boolean> {
  const letters = ref(true)
  onMounted(() => (letters.value = localStorage.getItem(STORED) !== 'off'))
  watch(letters, on => localStorage.setItem(STORED, on ? 'on' : 'off'))
  return letters
}

/** The keyboard of the waterfall, while it has the focus. */
export function useTraceKeys(page: ReturnType<typeof provideTracePage>, { letters, help }: { letters: Ref<boolean>, help: () => void }) {
  const { active, count, rowAt, rows, state, change, view, trace } = page
  const last = () => count.value - 1
  const current = () => rowAt(active.value)
  const move = (to: number) => {
    const row = Math.max(0, Math.min(last(), to))
    page.show(row)
    if (state.value.span) page.selectRow(row, 'replace')
  }

  function left() {
    const row = current()
    if (row?.expandable && row.expanded) return page.toggle(row)
    for (let above = active.value - 1; above >= 0; above--) if (rows.value && rows.value.indent[above]! < (row?.indent ?? 0)) return move(above)
  }
  function right() {
    const row = current()
    if (row?.expandable && !row.expanded) return page.toggle(row)
    if (row?.expanded) move(active.value + 1)
  }
  function pan(direction: 1 | -1) {
    const [from, to] = page.zoom.value
    page.zoomTo(from + direction * (to - from) / 4, to + direction * (to - from) / 4)
  }
  function level(by: 1 | -1) {
    const { levels } = trace.value.counts
    const next = Math.max(1, (state.value.level ?? levels) + by)
    change({ level: next >= levels ? undefined : next, open: [], fold: [] })
  }

  const named: Record<string, (event: KeyboardEvent) => void> = {
    ArrowUp: () => move(active.value - 1),
    ArrowDown: () => move(active.value + 1),
    ArrowLeft: event => event.shiftKey ? pan(-1) : left(),
    ArrowRight: event => event.shiftKey ? pan(1) : right(),
    PageUp: () => move(active.value - 20),
    PageDown: () => move(active.value + 20),
    Home: () => move(0),
    End: () => move(last()),
    Enter: () => page.selectRow(Math.max(0, active.value)),
    Escape: () => change({ span: undefined, logs: false }),
  }
  const single: Record<string, (event: KeyboardEvent) => void> = {
    'e': event => page.nextError(event.shiftKey ? -1 : 1),
    'p': event => page.nextOnPath(event.shiftKey ? -1 : 1),
    'n': event => page.nextHit(event.shiftKey ? -1 : 1),
    'c': () => change({ path: !state.value.path }),
    'r': () => change({ repeats: !state.value.repeats, groups: [] }),
    'h': () => change({ hide: (view.value?.hideUnder ?? 0) > 0 ? 0 : 1 }),
    'l': () => trace.value.logs && change({ logs: !state.value.logs }),
    'z': () => current() && page.zoomToRow(current()!),
    '0': () => change({ zoom: undefined }),
    '+': () => page.zoomBy(0.5),
    '=': () => page.zoomBy(0.5),
    '-': () => page.zoomBy(2),
    '[': () => level(-1),
    ']': () => level(1),
    '/': () => document.getElementById('trace-find')?.focus(),
    '?': help,
  }

  function onKeydown(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.target as HTMLElement).closest('input, select')) return
    const act = named[event.key] ?? (letters.value ? single[event.key.toLowerCase()] : undefined)
    if (!act) return
    event.preventDefault()
    act(event)
  }
  return { onKeydown }
}
