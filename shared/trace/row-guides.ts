import { ON_ERROR_CHAIN, type SpanTable } from './span-table'
import { SPAN_ROW, type WaterfallRows } from './waterfall-rows'

/** Levels with a guide of their own; what is deeper stands without. A bit a level, and bit 31 would be a sign. */
export const GUIDED_LEVELS = 31

export interface RowGuides {
  /** Bit l: the line in column l goes on below this row. */
  below: Uint32Array
  /** Of those, the ones that lead to the origin of the error. */
  chain: Uint32Array
}

/**
 * Which lines of the tree pass a row, found from the last row to the first: a row lights its own column for all rows
 * above it, up to its parent.
 *
 *   root          below: 0            columns:  0 1
 *   ├ a           1
 *   │ └ b         1                   a line in column 0 goes on, because c comes
 *   └ c           -
 */
export function rowGuides(table: SpanTable, rows: WaterfallRows): RowGuides {
  const below = new Uint32Array(rows.count)
  const chain = new Uint32Array(rows.count)
  let open = 0
  let red = 0
  for (let row = rows.count - 1; row >= 0; row--) {
    const indent = Math.min(rows.indent[row]!, GUIDED_LEVELS)
    const passing = indent >= GUIDED_LEVELS ? -1 >>> 1 : (1 << indent) - 1
    open &= passing | (1 << indent)
    red &= passing | (1 << indent)
    below[row] = open
    chain[row] = red
    open &= passing
    red &= passing
    if (indent === 0) continue
    open |= 1 << (indent - 1)
    if (rows.kind[row] === SPAN_ROW && (table.flags[rows.ref[row]!]! & ON_ERROR_CHAIN)) red |= 1 << (indent - 1)
  }
  return { below, chain }
}
