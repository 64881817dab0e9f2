import type { TraceAnswer, TraceRow } from '#shared/schemas/trace'
import { notesBySpan, openingView } from '#shared/trace/opening-view'
import { rowGuides } from '#shared/trace/row-guides'
import { parseRowId } from '#shared/trace/row-id'
import { describeRow, findPlaces } from '#shared/trace/row-view'
import type { Skeleton } from '#shared/trace/skeleton'
import type { TraceViewState } from '#shared/trace/view-state'
import { waterfallRows, type WaterfallView } from '#shared/trace/waterfall-rows'

/** Rows kept as made: some screens of them, whatever was scrolled through. */
const MOST_MADE = 400

/** The rows for what the reader chose: those of the answer until the skeleton is here, then any of them on demand. */
export function useWaterfall(trace: Readonly<Ref<TraceAnswer>>, skeleton: Ref<Skeleton | undefined>, state: Ref<TraceViewState>) {
  const notes = computed(() => skeleton.value && state.value.errorLogs ? notesBySpan(skeleton.value, trace.value.logs?.errors ?? []) : undefined)
  const places = computed(() => skeleton.value && findPlaces(skeleton.value))
  const view = computed(() => skeleton.value && viewOf(skeleton.value, state.value, notes.value))
  const rows = computed(() => skeleton.value && view.value && waterfallRows(skeleton.value, view.value))
  const guides = computed(() => skeleton.value && rows.value && rowGuides(skeleton.value, rows.value))

  const made = computed(() => ({ of: rows.value, raw: state.value.raw, list: new Map<number, TraceRow>() }))
  function rowAt(index: number): TraceRow | undefined {
    if (!skeleton.value || !rows.value) return trace.value.rows.first[index]
    const { list, raw } = made.value
    let row = list.get(index)
    if (!row && index < rows.value.count) {
      row = describeRow(skeleton.value, rows.value, guides.value!, view.value!, places.value!, index)
      if (raw && row.skewed) row = unskew(skeleton.value, row)
      // What the page was written with stays where it says the same: it is not drawn a second time.
      const written = trace.value.rows.first[index]
      if (written && JSON.stringify(written) === JSON.stringify(row)) row = written
      if (list.size >= MOST_MADE) list.clear()
      list.set(index, row)
    }
    return row
  }

  return {
    view, rows, rowAt,
    count: computed(() => rows.value?.count ?? trace.value.rows.first.length),
    total: computed(() => rows.value?.count ?? trace.value.rows.count),
    accounted: computed(() => rows.value ?? trace.value.rows),
  }
}

function viewOf(skeleton: Skeleton, state: TraceViewState, notes: WaterfallView['notes']): WaterfallView {
  const opening = openingView(skeleton, notes)
  const spans = (keys: string[]) => new Set(keys.map(key => skeleton.spanOf(key)).filter(span => span >= 0))
  const groups = [...spans(state.groups)].map(span => skeleton.repeats.of[span]! - 1).filter(group => group >= 0)
  return {
    ...opening,
    folded: spans(state.fold), opened: spans(state.open), openRepeats: new Set(groups), foldRepeats: state.repeats,
    ...(state.level !== undefined && { level: state.level }),
    ...(state.hide !== undefined && { hideUnder: state.hide / 100 }),
    ...(state.only && { only: state.only }),
    pinned: spans(state.span ? [parseRowId(state.span).key] : []),
  }
}

/** Times as they were sent. */
function unskew(skeleton: Skeleton, row: TraceRow): TraceRow {
  const ahead = (skeleton.skewOf(row.span)?.ahead ?? 0) / skeleton.tick
  return { ...row, from: row.from + ahead, to: row.to + ahead, own: row.own.map(at => at + ahead), path: row.path.map(at => at + ahead), ...(row.waited !== undefined && { waited: row.waited + ahead }) }
}
