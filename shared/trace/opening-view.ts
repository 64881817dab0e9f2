import { findPlaces, describeRow, type RowView } from './row-view'
import { rowGuides } from './row-guides'
import type { Skeleton } from './skeleton'
import { waterfallRows, wholeView, type WaterfallRows, type WaterfallView } from './waterfall-rows'

/** Rows in the HTML, and the first a browser draws: a screen and a little more. */
export const FIRST_ROWS = 32
/** Larger traces open with what is shorter than 1 % hidden. */
const LARGE = 1_000

/** The view a trace opens with, on the server and in the browser alike. */
export function openingView(trace: Skeleton, notes?: WaterfallView['notes']): WaterfallView {
  return { ...wholeView, hideUnder: trace.count > LARGE ? 0.01 : 0, ...(notes && { notes }) }
}

/** The first rows in plain values, for the HTML. */
export function firstRows(trace: Skeleton, view: WaterfallView, most: number): { first: RowView[], rows: WaterfallRows } {
  const rows = waterfallRows(trace, view)
  const guides = rowGuides(trace, rows)
  const places = findPlaces(trace)
  const first = Array.from({ length: Math.min(most, rows.count) }, (_, row) => describeRow(trace, rows, guides, view, places, row))
  return { first, rows }
}

/** Which lines stand under which span: by span id, in the order given. */
export function notesBySpan(trace: Skeleton, lines: readonly { spanId?: string | undefined }[]): ReadonlyMap<number, readonly number[]> {
  const notes = new Map<number, number[]>()
  lines.forEach(({ spanId }, index) => {
    const span = spanId ? trace.spanOf(spanId) : -1
    if (span < 0) return
    const list = notes.get(span)
    if (list) list.push(index)
    else notes.set(span, [index])
  })
  return notes
}
