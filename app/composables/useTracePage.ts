import type { InjectionKey } from 'vue'
import type { TraceAnswer, TraceRow } from '#shared/schemas/trace'
import { FAILED, ON_PATH, ORIGIN } from '#shared/trace/span-table'
import { searchSpans } from '#shared/trace/search-spans'
import { spanAt } from '#shared/trace/span-at'
import { membersOf } from '#shared/trace/row-view'
import { findRow, parseRowId, rowIdOf } from '#shared/trace/row-id'
import { isFolded, reveal } from '#shared/trace/waterfall-rows'

type TracePage = ReturnType<typeof createTracePage>
const key: InjectionKey<TracePage> = Symbol('trace page')

/** Everything the parts of the trace page share: what is shown, what is chosen, and how to move about in it. */
export function provideTracePage(trace: Readonly<Ref<TraceAnswer>>): TracePage {
  const page = createTracePage(trace)
  provide(key, page)
  return page
}

export function useTracePage(): TracePage {
  return inject(key)!
}

function createTracePage(trace: Readonly<Ref<TraceAnswer>>) {
  const { skeleton, failed, load } = useTraceSkeleton(trace)
  const { state, change } = useTraceState()
  const waterfall = useWaterfall(trace, skeleton, state)
  const { rows, view, rowAt, count } = waterfall

  /** With a margin, so that the longest bars have room for their figure. */
  const whole = computed<[number, number]>(() => [0, Math.max(1, Math.ceil(trace.value.total / trace.value.tick * 1.1))])
  const zoom = computed<[number, number]>(() => state.value.zoom ?? whole.value)
  /** The row that keys act on; -1 before one was chosen. */
  const active = ref(-1)
  /** Asks the list to bring a row into sight. */
  const wanted = ref<{ row: number }>()
  const hits = computed(() => skeleton.value && state.value.find ? searchSpans(skeleton.value, state.value.find) : new Uint32Array())
  const errors = computed(() => spansWith(FAILED))
  const usual = computed(() => new Map(trace.value.usual.map(row => [`${row.service}/${row.kind}/${row.operation}`, row])))
  const selected = computed(() => skeleton.value && state.value.span ? skeleton.value.spanOf(parseRowId(state.value.span).key) : -1)

  function spansWith(bit: number): number[] {
    const spans: number[] = []
    skeleton.value?.flags.forEach((flags, span) => flags & bit && spans.push(span))
    return spans
  }

  /** Opens the panel on a row; moving by keys replaces, so that back leaves the page and not every row passed. */
  function selectRow(index: number, history: 'push' | 'replace' = 'push') {
    const row = rowAt(index)
    if (!row) return
    active.value = index
    change({ span: rowIdOf(row), logs: false }, history)
  }

  /** Goes to a span wherever it is, opening what hides it. */
  async function goTo(span: number, history: 'push' | 'replace' = 'push') {
    if (!skeleton.value || !view.value || span < 0) return
    const shown = reveal(skeleton.value, view.value, span)
    const keys = (spans: ReadonlySet<number>) => [...spans].map(skeleton.value!.keyOf)
    change({
      span: skeleton.value.keyOf(span), logs: false,
      fold: keys(shown.folded), open: keys(shown.opened),
      groups: [...shown.openRepeats].map(group => skeleton.value!.keyOf(skeleton.value!.repeats.list[group]!.first)),
      ...(state.value.only && { only: undefined }),
    }, history)
    await nextTick()
    if (skeleton.value && rows.value) show(findRow(skeleton.value, rows.value, skeleton.value.keyOf(span)))
  }

  function goToKey(spanKey: string) {
    return goTo(skeleton.value?.spanOf(spanKey) ?? -1)
  }

  function show(row: number) {
    if (row < 0) return
    active.value = row
    wanted.value = { row }
  }

  function step(spans: ArrayLike<number>, direction: 1 | -1, first = 0) {
    if (!spans.length) return
    const list = Array.from(spans)
    const from = selected.value
    if (from < 0) return goTo(list[direction > 0 ? first : list.length - 1]!)
    const next = direction > 0 ? list.find(span => span > from) ?? list[0]! : list.findLast(span => span < from) ?? list.at(-1)!
    return goTo(next)
  }

  const nextError = (direction: 1 | -1) => step(errors.value, direction, Math.max(0, errors.value.findIndex(span => skeleton.value!.flags[span]! & ORIGIN)))
  const nextOnPath = (direction: 1 | -1) => step(spansWith(ON_PATH), direction)
  const nextHit = (direction: 1 | -1) => step(hits.value, direction)

  function toggle(row: TraceRow) {
    if (!row.expandable || !skeleton.value || !view.value) return
    if (row.type === 'repeat') {
      const open = state.value.groups.includes(row.key)
      return change({ groups: open ? state.value.groups.filter(group => group !== row.key) : [...state.value.groups, row.key] })
    }
    const span = skeleton.value.spanOf(row.key)
    if (isFolded(skeleton.value, view.value, span)) change({ fold: state.value.fold.filter(folded => folded !== row.key), ...(state.value.level !== undefined && { open: [...state.value.open, row.key] }) })
    else change({ fold: [...state.value.fold, row.key], open: state.value.open.filter(open => open !== row.key) })
  }

  function zoomTo(from: number, to: number) {
    const [first, last] = whole.value
    const width = Math.max(Math.min(to, last) - Math.max(from, first), (last - first) / 100_000, 1)
    const start = Math.min(Math.max(from, first), last - width)
    const all = start <= first && width >= last - first
    change({ zoom: all ? undefined : [Math.floor(start), Math.ceil(start + width)] })
  }

  function zoomToRow(row: TraceRow) {
    const margin = Math.max(1, (row.to - row.from) * 0.05)
    zoomTo(row.from - margin, row.to + margin)
  }

  function zoomBy(factor: number, around = 0.5) {
    const [from, to] = zoom.value
    const at = from + (to - from) * around
    zoomTo(at - (at - from) * factor, at + (to - at) * factor)
  }

  function membersOfRow(row: TraceRow): number[] {
    const group = skeleton.value ? skeleton.value.repeats.of[skeleton.value.spanOf(row.key)]! - 1 : -1
    return group < 0 ? [] : [...membersOf(skeleton.value!, group)]
  }

  // A link, or the back button, names a span that may be anywhere.
  watch([skeleton, () => state.value.span], ([now], [before]) => {
    if (!now || selected.value < 0 || !rows.value) return
    const row = findRow(now, rows.value, state.value.span!)
    if (now !== before && !before) show(row)
    else active.value = row
  }, { flush: 'post' })

  // An incident names its guilty span by when it began: ids of spans are not kept with it.
  const asked = Number(useRoute().query.at)
  const stopOpening = watch(skeleton, async (now) => {
    if (!now) return
    stopOpening()
    if (asked > 0 && !state.value.span) await goTo(spanAt(now, asked), 'replace')
  }, { flush: 'post' })

  return {
    trace, skeleton, failed, load, state, change, ...waterfall, zoom, whole, active, wanted, hits, errors, usual, selected, count,
    selectRow, goTo, goToKey, show, nextError, nextOnPath, nextHit, toggle, zoomTo, zoomToRow, zoomBy, membersOfRow,
  }
}
