import { ABANDONED, ASYNC, endOf, kindOf, MISSING, type SpanTable } from './span-table'

/** Clocks and rounding: an end this much (µs) after its parent's is no statement. */
const TOLERANCE = 1_000

/**
 * Who waited for whom. A child is asynchronous when it was handed over (PRODUCER to CONSUMER), begins after its
 * parent's end, or outlives a parent that made no call to it. A call that outlives its caller was given up:
 *
 *   client   |==========|             gave up
 *   server    |=================|     abandoned: from the client's end on, nobody waits for it any more
 *   query       |=========|           waited for by the server, abandoned with it
 *   publish            |==|
 *   consumer                |====|    asynchronous: nobody ever waited
 *
 * Answers the bits to add per span.
 */
export function findWaits(table: SpanTable): Uint16Array {
  const bits = new Uint16Array(table.count)
  const waited = new Float64Array(table.count)
  const tolerance = TOLERANCE / table.tick
  for (let span = 0; span < table.count; span++) {
    const parent = table.parent[span]!
    const end = endOf(table, span)
    waited[span] = end
    if (parent < 0 || table.flags[parent]! & MISSING) continue
    if (isAsync(table, span, parent, tolerance)) {
      bits[span] = ASYNC
      continue
    }
    waited[span] = Math.min(end, waited[parent]!)
    if (end > waited[span]! + tolerance) bits[span] = ABANDONED
  }
  return bits
}

function isAsync(table: SpanTable, span: number, parent: number, tolerance: number): boolean {
  const kind = kindOf(table, span)
  const caller = kindOf(table, parent)
  if (kind === 'consumer' || caller === 'producer') return true
  const parentEnd = endOf(table, parent)
  if (table.start[span]! >= parentEnd && (table.start[span]! > parentEnd + tolerance || table.duration[span]! > tolerance)) return true
  return endOf(table, span) > parentEnd + tolerance && kind !== 'server' && caller !== 'client'
}

/** Until when somebody waited for a span: the earliest end on the way up, as far as it was waited for at all. */
export function waitedUntil(table: SpanTable, span: number): number {
  let until = endOf(table, span)
  for (let at = span; at >= 0 && !(table.flags[at]! & (ASYNC | MISSING)); at = table.parent[at]!) until = Math.min(until, endOf(table, at))
  return Math.max(until, table.start[span]!)
}
