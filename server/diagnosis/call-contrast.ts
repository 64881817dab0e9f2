import type { Charges } from './charge'
import { addContribution, mixOf, type Contribution } from './contrast'
import type { Cells, Summary } from './summary'

/** How one kind of call changed: how often, how long, how many attempts. */
export interface CallContrast extends Contribution {
  call: number
  before: number
  after: number
  /** Occurrences of the caller. */
  parentsBefore: number
  parentsAfter: number
  /** Calls per occurrence of the caller. */
  perParent: { before: number, after: number }
  /** Share of the caller's occurrences with at least one call. */
  presence: { before: number, after: number }
  /** Calls per occurrence that makes any. */
  each: { before: number, after: number }
  /** Attempts per call as the caller meant it. */
  attempts: { before: number, after: number }
  failed: { before: number, after: number }
  /** Variance over mean of the calls per occurrence that makes any, in the incident. */
  spread: number
  /** Of the calls' number against what the baseline lets expect, in standard deviations of an overdispersed Poisson. */
  z: number
}

/** Contributions here are inclusive: a call with everything below it. */
export function contrastCalls({ charges, cells, before, after, endpoints }: {
  charges: Charges
  cells: Cells
  before: Summary
  after: Summary
  endpoints: ReadonlySet<number>
}): CallContrast[] {
  const mix = mixOf(endpoints, before, after)
  const contrasts = charges.vocabulary.calls.map((call, number): CallContrast => {
    const was = before.calls[number]!
    const is = after.calls[number]!
    const parentsBefore = before.operations[call.caller]!
    const parentsAfter = after.operations[call.caller]!
    const per = (sums: number, count: number) => count > 0 ? sums / count : 0
    const perParent = { before: per(was.calls, parentsBefore.count), after: per(is.calls, parentsAfter.count) }
    const each = { before: per(was.calls, was.callers), after: per(is.calls, is.callers) }
    return {
      call: number, total: 0, duration: 0, rate: 0, product: 0, before: was.seen, after: is.seen,
      parentsBefore: parentsBefore.seen, parentsAfter: parentsAfter.seen,
      perParent, each,
      presence: { before: per(was.callers, parentsBefore.count), after: per(is.callers, parentsAfter.count) },
      attempts: { before: per(was.calls, was.logical), after: per(is.calls, is.logical) },
      failed: { before: per(was.failed, was.calls), after: per(is.failed, is.calls) },
      spread: is.callers > 0 && each.after > 0 ? (is.squares / is.callers - each.after ** 2) / each.after : 0,
      z: surprise(is.seen, parentsAfter.seen, perParent.before, parentsBefore.seen, was.squares / Math.max(1e-9, parentsBefore.count)),
    }
  })
  for (let cell = 0; cell < cells.calls.count; cell++) {
    const endpoint = cells.calls.first[cell]!
    const share = mix.get(endpoint)
    if (share === undefined) continue
    const was = before.callCells[cell]
    const is = after.callCells[cell]
    addContribution(contrasts[cells.calls.second[cell]!]!, share,
      { units: before.endpoints[endpoint]!.units, calls: was?.calls ?? 0, time: was?.inclusive ?? 0 },
      { units: after.endpoints[endpoint]!.units, calls: is?.calls ?? 0, time: is?.inclusive ?? 0 })
  }
  return contrasts
}

/**
 * Anscombe's transformation makes Poisson counts normal enough. What never happened in n occurrences may still happen
 * with probability 3 / n (95 %), so that is what is expected of it.
 */
function surprise(calls: number, parents: number, perParent: number, parentsBefore: number, meanSquare: number): number {
  if (parents === 0 || parentsBefore === 0) return 0
  const rate = Math.max(perParent, 3 / parentsBefore)
  const dispersion = perParent > 0 ? Math.max(1, (meanSquare - perParent ** 2) / perParent) : 1
  const root = (count: number) => 2 * Math.sqrt(count + 3 / 8)
  return (root(calls) - root(rate * parents)) / Math.sqrt(dispersion)
}
