import { KIND } from '#shared/trace/span-table'
import type { Charges } from './charge'
import { durationOf } from './forest'
import { CLIENT, NONE, PRODUCER } from './link-spans'
import { PairNumbers } from './pair-numbers'

/** The calls of one kind that one occurrence of an operation made. */
export interface CallGroups {
  count: number
  /** The occurrence, a span of the forest. */
  caller: number[]
  call: number[]
  calls: number[]
  /** Calls as the caller meant them: an attempt that follows a failed one without overlapping it is the same call. */
  logical: number[]
  /** Microseconds between a failed attempt and the next. */
  waited: number[]
  /** Group of each client span, -1 elsewhere. */
  of: Int32Array
}

/**
 *   charge   |======================|        waits between its attempts: time of nobody but the call
 *   pay       |==|x |==|x |==|         3 calls, 1 logical: a call that was tried three times
 *   stock     |=|                      1 call
 */
export function groupCalls(charges: Charges): CallGroups {
  const { forest, call } = charges
  const { parent, flags, start, traces, source } = forest
  const pairs = new PairNumbers()
  const groups: CallGroups = { count: 0, caller: pairs.first, call: pairs.second, calls: [], logical: [], waited: [], of: new Int32Array(parent.length).fill(NONE) }
  const lastEnd: number[] = []
  const lastFailed: boolean[] = []
  for (let span = 0; span < parent.length; span++) {
    if (call[span]! < 0 || charges.unit[span]! < 0) continue
    let caller = parent[span]!
    while (caller >= 0 && ((flags[caller]! & KIND) === CLIENT || (flags[caller]! & KIND) === PRODUCER)) caller = parent[caller]!
    if (caller < 0) continue
    const group = pairs.add(caller, call[span]!)
    if (group === groups.calls.length) {
      groups.calls.push(0)
      groups.logical.push(0)
      groups.waited.push(0)
      lastEnd.push(-Infinity)
      lastFailed.push(false)
    }
    groups.of[span] = group
    groups.calls[group]!++
    const failed = hasRefused(traces.failed[source[span]!]!, traces.httpStatus[source[span]!]!)
    const isAgain = lastFailed[group] && start[span]! >= lastEnd[group]! - 1_000
    if (isAgain) groups.waited[group]! += Math.max(0, start[span]! - lastEnd[group]!)
    else groups.logical[group]!++
    lastFailed[group] = failed
    lastEnd[group] = Math.max(lastEnd[group]!, start[span]! + durationOf(forest, span))
  }
  groups.count = pairs.count
  return groups
}

/** Failed, or turned away: 401, 408 and 429 come in bursts when something is wrong; other 4xx are the caller's own. */
export function hasRefused(failed: number, status: number): boolean {
  return failed === 1 || status === 401 || status === 408 || status === 429
}
