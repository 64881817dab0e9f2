import { childrenOf, endOf, type SpanTable } from './span-table'

/**
 * Time a span spent on its own work: its duration minus the union of its children, each child clipped to the parent.
 *
 *   parent  |==================|
 *   a          |-----|
 *   b             |-------|
 *   self    |##|          |####|
 */
export function selfTimes(table: SpanTable): Uint32Array {
  const self = new Uint32Array(table.count)
  for (let span = 0; span < table.count; span++) {
    if (table.size[span] === 1) self[span] = table.duration[span]!
    else for (const [from, to] of ownIntervals(table, span)) self[span]! += to - from
  }
  return self
}

/** Where in a span no child runs: the dark parts of its bar. Children come by start, so one pass finds them. */
export function ownIntervals(table: SpanTable, span: number): [from: number, to: number][] {
  const intervals: [number, number][] = []
  const end = endOf(table, span)
  let covered = table.start[span]!
  for (const child of childrenOf(table, span)) {
    if (table.start[child]! >= end) break
    if (table.start[child]! > covered) intervals.push([covered, table.start[child]!])
    covered = Math.max(covered, Math.min(end, endOf(table, child)))
  }
  if (covered < end) intervals.push([covered, end])
  return intervals
}
