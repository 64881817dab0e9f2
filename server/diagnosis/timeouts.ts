import { ABANDONED, FAILED, KIND } from '#shared/trace/span-table'
import type { Micros } from '#shared/units'
import type { Charges } from './charge'
import { durationOf } from './forest'
import { SERVER } from './link-spans'
import { fromLog } from './log-histogram'
import { listOf, type Lists } from './occurrences'
import type { Parameters } from './parameters'
import type { Summary } from './summary'

export interface Timeout {
  call: number
  limit: Micros
  /** Calls that took longer than usual, and those of them that ended at the limit. */
  slow: number
  cut: number
  failed: number
}

/** Fewer calls that end together are a coincidence. */
const FEWEST = 5
/** Share of the cut calls that must have failed, or have nobody's answer in time. */
const MOSTLY = 0.8
const FASTEST: Micros = 20_000

/**
 * A limit shows as calls that all end at one value: of those that took longer than usual, most lie within 3 % of it,
 * and they failed or nobody answered in time.
 *
 *   durations  · ··:·                         :::::      |= 8.0 s
 *
 * Of limits that nest, only the deepest is kept: what is above merely waits for it.
 */
export function findTimeouts(charges: Charges, calls: Lists, before: Summary, parameters: Parameters, isWithinWindow = false): Map<number, Timeout> {
  const found = new Map<number, Timeout>()
  for (let call = 0; call < charges.vocabulary.calls.length; call++) {
    const timeout = findLimit(charges, call, listOf(calls, call), before, parameters, isWithinWindow)
    if (timeout) found.set(call, timeout)
  }
  for (const { call } of [...found.values()]) if (mostlyAboveAnother(charges, found, call, listOf(calls, call))) found.delete(call)
  return found
}

function findLimit(charges: Charges, call: number, spans: Uint32Array, before: Summary, { timeoutTightness, timeoutShare }: Parameters, isWithinWindow: boolean): Timeout | undefined {
  if (spans.length < FEWEST) return undefined
  const usual = before.calls[call]!.times
  // Of what went well at the same time, the slowest were all but cut, too.
  const longest = usual.quantile(isWithinWindow ? 0.5 : 0.99)
  const from = Math.max(FASTEST, longest === undefined ? 0 : fromLog(longest) * 1.05)
  const slow = [...spans].filter(span => durationOf(charges.forest, span) > from).sort((a, b) => durationOf(charges.forest, a) - durationOf(charges.forest, b))
  if (slow.length < FEWEST) return undefined
  const duration = (at: number) => durationOf(charges.forest, slow[at]!)

  // The window of relative width 6 % that holds most; the limit is its middle.
  let best = { from: 0, to: 0 }
  for (let low = 0, high = 0; low < slow.length; low++) {
    while (high < slow.length && duration(high) <= duration(low) * (1 + 2 * timeoutTightness)) high++
    if (high - low > best.to - best.from) best = { from: low, to: high }
  }
  const cut = slow.slice(best.from, best.to)
  if (cut.length < timeoutShare * slow.length) return undefined
  const failed = cut.filter(span => isCut(charges, span)).length
  if (failed < MOSTLY * cut.length) return undefined
  // Calls that were slower than the limit would contradict it.
  if (slow.length - best.to > (1 - MOSTLY) * slow.length) return undefined
  return { call, limit: durationOf(charges.forest, cut[cut.length >> 1]!), slow: slow.length, cut: cut.length, failed }
}

/** Failed by itself, or its answer came too late or not at all. */
export function isCut(charges: Charges, span: number): boolean {
  const { forest } = charges
  const isFailed = (forest.flags[span]! & FAILED) !== 0
  if (!charges.answered[span]) return isFailed
  let late = false
  for (let child = span + 1; child < span + forest.size[span]!; child += forest.size[child]!) {
    if (forest.flags[child]! & ABANDONED) late = true
    // The callee failed and said so: that is an answer.
    else if (forest.flags[child]! & FAILED && (forest.flags[child]! & KIND) === SERVER) return false
  }
  return late || isFailed
}

function mostlyAboveAnother(charges: Charges, found: Map<number, Timeout>, call: number, spans: Uint32Array): boolean {
  const { limit } = found.get(call)!
  let cut = 0
  let above = 0
  for (const span of spans) {
    if (durationOf(charges.forest, span) < 0.97 * limit) continue
    cut++
    for (let below = span + 1; below < span + charges.forest.size[span]!; below++) {
      const inner = found.get(charges.call[below]!)
      if (!inner || inner.call === call || durationOf(charges.forest, below) < 0.97 * inner.limit) continue
      above++
      break
    }
  }
  return above >= cut / 2
}

