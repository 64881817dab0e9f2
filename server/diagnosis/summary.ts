import { FAILED } from '#shared/trace/span-table'
import { hasRefused, type CallGroups } from './call-groups'
import type { Charges } from './charge'
import { durationOf } from './forest'
import { LogHistogram, logOf } from './log-histogram'
import { PairNumbers } from './pair-numbers'
import type { Vocabulary } from './vocabulary'

/** Sums over one window, by number of endpoint, key, call and operation. All are weighted by what a trace stands for. */
export interface Summary {
  units: number
  endpoints: { units: number, seen: number, total: number, failed: number, times: LogHistogram }[]
  /** Times of keys: own time on the path or not. */
  keys: { seen: number, calls: number, self: number, times: LogHistogram }[]
  /** (endpoint, key): occurrences and what the endpoint waited for them. */
  cells: { calls: number, charge: number }[]
  calls: CallSums[]
  /** (endpoint, call): inclusive. */
  callCells: { calls: number, inclusive: number }[]
  /** Occurrences of operations. */
  operations: { seen: number, count: number, failed: number }[]
}

export interface CallSums {
  seen: number
  calls: number
  /** Callers that made at least one. */
  callers: number
  /** Sum of the squares of calls per caller, for their spread. */
  squares: number
  failed: number
  logical: number
  times: LogHistogram
}

/** Numbers of cells, the same in both windows. */
export class Cells {
  readonly keys = new PairNumbers()
  readonly calls = new PairNumbers()
}

export function emptySummary(vocabulary: Vocabulary): Summary {
  return {
    units: 0,
    endpoints: Array.from({ length: vocabulary.operations.count }, () => ({ units: 0, seen: 0, total: 0, failed: 0, times: new LogHistogram() })),
    keys: vocabulary.keys.map(() => ({ seen: 0, calls: 0, self: 0, times: new LogHistogram() })),
    cells: [], callCells: [],
    calls: vocabulary.calls.map(() => ({ seen: 0, calls: 0, callers: 0, squares: 0, failed: 0, logical: 0, times: new LogHistogram() })),
    operations: Array.from({ length: vocabulary.operations.count }, () => ({ seen: 0, count: 0, failed: 0 })),
  }
}

/** Adds up the units of one side. */
export function summarise({ charges, groups, cells, side, sides }: { charges: Charges, groups: CallGroups, cells: Cells, side: number, sides: Uint8Array }): Summary {
  const { units, vocabulary, forest, unit, key, operation, call } = charges
  const summary = emptySummary(vocabulary)
  for (let u = 0; u < units.count; u++) {
    if (sides[u] !== side) continue
    const endpoint = summary.endpoints[units.endpoint[u]!]!
    const weight = units.weight[u]!
    summary.units += weight
    endpoint.units += weight
    endpoint.seen++
    endpoint.total += weight * units.total[u]!
    endpoint.times.add(logOf(units.total[u]!), weight)
    if (isFailedUnit(charges, u)) endpoint.failed += weight
  }
  for (let span = 0; span < unit.length; span++) {
    const u = unit[span]!
    if (u < 0 || sides[u] !== side) continue
    const weight = units.weight[u]!
    const k = summary.keys[key[span]!]!
    k.seen++
    k.calls += weight
    k.self += weight * charges.self[span]!
    k.times.add(logOf(charges.self[span]!), weight)
    const cell = cellOf(summary.cells, cells.keys.add(units.endpoint[u]!, key[span]!))
    cell.calls += weight
    cell.charge += weight * charges.charge[span]!
    const o = summary.operations[operation[span]!]!
    o.seen++
    o.count += weight
    if (forest.flags[span]! & FAILED) o.failed += weight
    const c = call[span]!
    if (c < 0) continue
    const sums = summary.calls[c]!
    const i = forest.source[span]!
    sums.seen++
    sums.calls += weight
    sums.times.add(logOf(durationOf(forest, span)), weight)
    if (hasRefused(forest.traces.failed[i]!, forest.traces.httpStatus[i]!)) sums.failed += weight
    const callCell = inclusiveCell(summary.callCells, cells.calls.add(units.endpoint[u]!, c))
    callCell.calls += weight
    callCell.inclusive += weight * charges.inclusive[span]!
  }
  for (let q = 0; q < charges.queue.unit.length; q++) {
    const u = charges.queue.unit[q]!
    if (sides[u] !== side) continue
    const weight = units.weight[u]!
    const delay = charges.queue.delay[q]!
    const k = summary.keys[charges.queue.key[q]!]!
    k.seen++
    k.calls += weight
    k.self += weight * delay
    k.times.add(logOf(delay), weight)
    const cell = cellOf(summary.cells, cells.keys.add(units.endpoint[u]!, charges.queue.key[q]!))
    cell.calls += weight
    cell.charge += weight * delay
  }
  for (let group = 0; group < groups.count; group++) {
    const u = unit[groups.caller[group]!]!
    if (u < 0 || sides[u] !== side) continue
    const sums = summary.calls[groups.call[group]!]!
    const weight = units.weight[u]!
    sums.callers += weight
    sums.squares += weight * groups.calls[group]! ** 2
    sums.logical += weight * groups.logical[group]!
  }
  return summary
}

/** Whether a request failed, or was turned away in a way that a burst of is a fault. */
export function isFailedUnit({ units, forest }: Charges, u: number): boolean {
  const i = forest.source[units.root[u]!]!
  return hasRefused(forest.traces.failed[i]!, forest.traces.httpStatus[i]!)
}

function cellOf(cells: Summary['cells'], cell: number) {
  return cells[cell] ??= { calls: 0, charge: 0 }
}

function inclusiveCell(cells: Summary['callCells'], cell: number) {
  return cells[cell] ??= { calls: 0, inclusive: 0 }
}
