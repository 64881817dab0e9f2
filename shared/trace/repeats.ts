import { ASYNC, childrenOf, endOf, FAILED, KIND, MISSING, ORIGIN, type SpanTable } from './span-table'

/** Like siblings that stand in one row: `12 × SELECT order_items, 310 ms, slowest 41 ms`. */
export interface Repeat {
  /** The first of them; its row is where the fold stands. */
  first: number
  count: number
  /** Ticks during which at least one of them ran. */
  together: number
  slowest: number
  median: number
  /** Never two at a time. */
  sequential: boolean
}

export interface Repeats {
  list: Repeat[]
  /** Per span: index into `list` plus one, 0 outside. */
  of: Uint8Array | Uint16Array | Uint32Array
}

/** Two of a kind are read faster than a fold is opened. */
const FEWEST = 3

/**
 * Siblings with the same service, name and kind, however they alternate with others (`SELECT order`, `GET stock`,
 * `SELECT order`…). Failed ones fold apart from the rest, and the origin of the error never folds.
 *
 *   parent |====================|            parent |====================|
 *   q        |=|                   folds to  3 × q    |=| |=|     |=|
 *   q            |=|                         r                |=|
 *   r                |=|
 *   q                    |=|
 */
export function findRepeats(table: SpanTable): Repeats {
  const of = new Uint32Array(table.count)
  const list: Repeat[] = []
  for (let parent = 0; parent < table.count; parent++) {
    if (table.size[parent]! <= FEWEST) continue
    const alike = new Map<string, number[]>()
    for (const child of childrenOf(table, parent)) {
      if (table.flags[child]! & (ORIGIN | MISSING)) continue
      const call = `${table.service[child]}/${table.name[child]}/${table.flags[child]! & (KIND | FAILED | ASYNC)}`
      const group = alike.get(call)
      if (group) group.push(child)
      else alike.set(call, [child])
    }
    for (const group of alike.values()) {
      if (group.length < FEWEST) continue
      list.push(describe(table, group))
      for (const span of group) of[span] = list.length
    }
  }
  return { list, of }
}

function describe(table: SpanTable, group: number[]): Repeat {
  let together = 0
  let covered = 0
  let sequential = true
  // Starts in whole milliseconds, as some senders write them, seem to lie just before the end of the one they followed.
  const slack = 1_000 / table.tick
  let slowest = group[0]!
  for (const span of group) {
    const end = endOf(table, span)
    if (covered > table.start[span]! && covered - table.start[span]! >= Math.min(slack, table.duration[span]! / 2)) sequential = false
    together += Math.max(0, end - Math.max(covered, table.start[span]!))
    covered = Math.max(covered, end)
    if (table.duration[span]! > table.duration[slowest]!) slowest = span
  }
  const durations = Uint32Array.from(group, span => table.duration[span]!).sort()
  return { first: group[0]!, count: group.length, together, slowest, median: durations[durations.length >> 1]!, sequential }
}
