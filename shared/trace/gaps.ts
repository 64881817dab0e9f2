import { ABANDONED, endOf, kindOf, MISSING, type SpanTable } from './span-table'
import { ownIntervals } from './self-time'
import { waitedUntil } from './waits'

/** Time inside a span that no span below it covers, long enough to ask about. */
export interface Gap {
  span: number
  from: number
  to: number
}

/** Of the main span's duration. */
const WORTH_ASKING = 0.01
/** Microseconds; a scheduler's pause is not a gap. */
const SHORTEST = 20_000

/**
 * A span with children says what it was doing; where it does not for 1 % of the request, code is not instrumented.
 * Leaves are plain work, and inside a call (CLIENT, PRODUCER) the time is the network's or the callee's.
 *
 *   service  |===========================|
 *   a         |===|
 *   b                         |=========|
 *   gap           |- - - - - -|
 */
export function findGaps(table: SpanTable): Gap[] {
  const gaps: Gap[] = []
  if (table.main < 0) return gaps
  const least = Math.max(table.duration[table.main]! * WORTH_ASKING, SHORTEST / table.tick)
  for (let span = 0; span < table.count; span++) {
    if (table.size[span] === 1 || table.duration[span]! < least || (table.flags[span]! & MISSING)) continue
    const kind = kindOf(table, span)
    if (kind === 'client' || kind === 'producer') continue
    const until = table.flags[span]! & ABANDONED ? waitedUntil(table, span) : endOf(table, span)
    for (const [from, end] of ownIntervals(table, span)) {
      const to = Math.min(end, until)
      if (to - from >= least) gaps.push({ span, from, to })
    }
  }
  return gaps
}
