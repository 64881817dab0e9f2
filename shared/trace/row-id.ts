import type { RowView } from './row-view'
import type { Skeleton } from './skeleton'
import { GAP_ROW, HIDDEN_ROW, REPEAT_ROW, rowOf, type WaterfallRows } from './waterfall-rows'

/** What names a row in the URL: a span by its key, what is no span by the key beside it and what it is. */
export function rowIdOf(row: Pick<RowView, 'type' | 'key' | 'from'>): string {
  if (row.type === 'repeat') return `${row.key}.all`
  if (row.type === 'hidden') return `${row.key}.hidden`
  return row.type === 'gap' ? `${row.key}.gap${row.from}` : row.key
}

export function parseRowId(id: string): { key: string, type: 'span' | 'repeat' | 'hidden' | 'gap', from?: number } {
  const [key = '', rest] = id.split('.')
  if (rest === 'all') return { key, type: 'repeat' }
  if (rest === 'hidden') return { key, type: 'hidden' }
  const gap = /^gap(\d+)$/.exec(rest ?? '')
  return gap ? { key, type: 'gap', from: Number(gap[1]) } : { key, type: 'span' }
}

/** The row a name means, else the nearest that holds its span; -1 where there is none. */
export function findRow(trace: Skeleton, rows: WaterfallRows, id: string): number {
  const { key, type, from } = parseRowId(id)
  const span = trace.spanOf(key)
  if (span < 0) return -1
  for (let row = 0; row < rows.count; row++) {
    if (type === 'span') break
    const ref = rows.ref[row]!
    if (type === 'repeat' && rows.kind[row] === REPEAT_ROW && trace.repeats.list[ref]!.first === span) return row
    if (type === 'hidden' && rows.kind[row] === HIDDEN_ROW && ref === span) return row
    if (type === 'gap' && rows.kind[row] === GAP_ROW && rows.span[row] === span && trace.gaps[ref]!.from === from) return row
  }
  return rowOf(trace, rows, span)
}
