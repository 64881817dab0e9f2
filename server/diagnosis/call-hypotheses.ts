import type { Analysis } from './analysis'
import type { CallContrast } from './call-contrast'
import { originBelow } from './error-origins'
import { FAILED, KIND } from '#shared/trace/span-table'
import type { Hypothesis } from './hypothesis'
import { CLIENT } from './link-spans'
import { listOf } from './occurrences'
import { BASELINE, INCIDENT } from './windows'

/** Standard deviations that stand for p < 1e-6. */
const SURPRISE = 4.76
const FEWEST_CALLS = 20
/** Of a change that is put down to more calls, what more calls must explain. */
const RATE_PART = 0.5
/** A caller that made some of its calls before made "about as often": presence within this factor. */
const SAME_PRESENCE = 2
/** Variance over mean of calls per caller: repeated per item of a result that differs in size. */
const UNEVEN = 0.25
/** Failing attempts that a storm is made of. */
const FAILING = 0.2
/** Attempts that fail more often than before by this much make their caller try again, storm or not. */
const MORE_FAILING = 0.04
const TRIED_AGAIN = 1.03
const PART_OF_STORM = 0.2
const MOST_SAMPLES = 200

/** S5, the types that are about calls: limits, rates, attempts. */
export function proposeCalls(analysis: Analysis): Hypothesis[] {
  const timeouts = uniteAlike([...analysis.timeouts.keys()].map(call => timeoutOf(analysis, analysis.calls[call]!)))
  // How often something is called depends on how the request ended: without a past nothing says that it became more.
  if (analysis.isWithinWindow) return timeouts
  const rates = highest(analysis, analysis.calls.filter(call => hasRateChanged(analysis, call)))
  const storms = uniteAlike(analysis.calls.filter(call => isTriedAgain(call) && !analysis.timeouts.has(call.call)).map(call => stormOf(analysis, call)))
  return [
    ...timeouts,
    ...storms.filter(storm => !isAfterLimit(storm, timeouts)),
    ...rates.filter(call => !isStorm(analysis, call)).map(call => rateOf(analysis, call)),
  ]
}

/** Several callers that run into one limit, or try one callee again and again, have one cause; the largest stands for all. */
function uniteAlike(hypotheses: Hypothesis[]): Hypothesis[] {
  const united: Hypothesis[] = []
  for (const hypothesis of hypotheses.sort((a, b) => b.latency - a.latency || b.seen - a.seen)) {
    const same = united.find(other => isAlike(other, hypothesis))
    if (!same) united.push(hypothesis)
    else absorb(same, hypothesis)
  }
  return united
}

function isAlike(a: Hypothesis, b: Hypothesis): boolean {
  if (a.facts.limit !== undefined && b.facts.limit !== undefined) return a.remote === b.remote && Math.abs(a.facts.limit / b.facts.limit - 1) < 0.1
  return a.service === b.service && a.operation === b.operation && a.remote === b.remote
}

function absorb(into: Hypothesis, other: Hypothesis): void {
  // One caller that storms makes it a storm, however calmly the others try again.
  if (other.type === 'retry_storm' && into.type !== 'retry_storm' && other.latency >= PART_OF_STORM * into.latency) {
    into.type = other.type
    into.facts = other.facts
    into.calls.unshift(...other.calls.splice(0))
  }
  into.calls.push(...other.calls)
  into.keys.push(...other.keys.filter(key => !into.keys.includes(key)))
  into.origins.push(...other.origins.filter(origin => !into.origins.includes(origin)))
  into.latency = Math.min(1, into.latency + other.latency)
  into.seen += other.seen
}

/** Trying again after a limit was reached makes it worse, but the limit is what there is to say. */
function isAfterLimit(storm: Hypothesis, timeouts: Hypothesis[]): boolean {
  const timeout = timeouts.find(({ origins }) => origins.some(origin => storm.origins.includes(origin)))
  if (!timeout) return false
  timeout.latency = Math.max(timeout.latency, storm.latency)
  timeout.origins.push(...storm.origins.filter(origin => !timeout.origins.includes(origin)))
  timeout.keys.push(...storm.keys)
  timeout.calls.push(...storm.calls)
  return true
}

function hasRateChanged({ parameters, timeouts }: Analysis, call: CallContrast): boolean {
  if (call.after < FEWEST_CALLS || call.z < SURPRISE || timeouts.has(call.call)) return false
  const multiplied = call.perParent.after >= parameters.rateRatio * Math.max(call.perParent.before, 1e-9)
  const appeared = call.presence.before < parameters.presenceFrom && call.presence.after > parameters.presenceTo
  return (multiplied || appeared) && call.total > 0 && call.rate + call.product / 2 >= RATE_PART * call.total
}

/** Everything below a call that became frequent is frequent too; only the highest changed by itself. */
function highest({ charges, byCall }: Analysis, calls: CallContrast[]): CallContrast[] {
  const changed = new Set(calls.map(({ call }) => call))
  return calls.filter(({ call }) => {
    const spans = listOf(byCall, call).subarray(0, MOST_SAMPLES)
    let below = 0
    for (const span of spans) {
      for (let above = charges.forest.parent[span]!; above >= 0; above = charges.forest.parent[above]!) {
        if (charges.call[above]! >= 0 && charges.call[above] !== call && changed.has(charges.call[above]!)) {
          below++
          break
        }
      }
    }
    return below < spans.length / 2
  })
}

function isStorm({ parameters }: Analysis, call: CallContrast): boolean {
  return call.after >= 5 && call.attempts.after >= parameters.attemptsRatio * Math.max(1, call.attempts.before)
    && call.failed.after >= FAILING && call.failed.after > call.failed.before
}

/** What fails is tried again: slower where it goes well in the end, whatever the number of attempts. */
function isTriedAgain({ after, attempts, failed }: CallContrast): boolean {
  return after >= 5 && attempts.after >= TRIED_AGAIN * attempts.before && failed.after - failed.before >= MORE_FAILING
}

function base(analysis: Analysis, contrast: CallContrast): Omit<Hypothesis, 'type' | 'service' | 'operation' | 'remote'> {
  return {
    keys: [], calls: [contrast.call], origins: [analysis.charges.vocabulary.operations.count + contrast.call], errors: 0, isMechanism: true, seen: contrast.after, facts: {},
    latency: analysis.change.grown > 0 ? Math.min(1, Math.max(0, contrast.total) / analysis.change.grown) : 0,
  }
}

function timeoutOf(analysis: Analysis, contrast: CallContrast): Hypothesis {
  const call = analysis.charges.vocabulary.calls[contrast.call]!
  return { ...base(analysis, contrast), type: 'timeout', service: call.service, operation: call.operation, remote: call.remote, facts: { limit: analysis.timeouts.get(contrast.call)!.limit } }
}

/** The caller whose calls per occurrence changed; what is called, and how long it takes, is the same as ever. */
function rateOf(analysis: Analysis, contrast: CallContrast): Hypothesis {
  const { vocabulary } = analysis.charges
  const call = vocabulary.calls[contrast.call]!
  const isSamePresence = contrast.presence.before > 0 && contrast.presence.after < SAME_PRESENCE * contrast.presence.before
  const repeats = contrast.each.after >= analysis.parameters.rateRatio * Math.max(1, contrast.each.before) && contrast.failed.after < FAILING
  const type = repeats && (isSamePresence || contrast.presence.before === 0) && contrast.spread > UNEVEN ? 'n_plus_one' : 'call_rate'
  return { ...base(analysis, contrast), type, service: call.service, operation: vocabulary.operations.second[call.caller]!, remote: call.remote }
}

/** The callee that fails first; whoever tries again makes it worse. */
function stormOf(analysis: Analysis, contrast: CallContrast): Hypothesis {
  const { charges } = analysis
  const call = charges.vocabulary.calls[contrast.call]!
  const votes = new Map<number, number>()
  let sampled = 0
  for (const span of listOf(analysis.byCall, contrast.call)) {
    if (!(charges.forest.flags[span]! & FAILED) || sampled++ >= MOST_SAMPLES) continue
    const origin = originBelow(charges, charges.units.trace[charges.unit[span]!]!, span)
    const at = origin < 0 ? span : origin
    const name = (charges.forest.flags[at]! & KIND) === CLIENT ? -1 - charges.call[at]! : charges.operation[at]!
    votes.set(name, (votes.get(name) ?? 0) + 1)
  }
  const first = [...votes].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]?.[0] ?? -1 - contrast.call
  const amplifier = { service: call.service, operation: charges.vocabulary.operations.second[call.caller]! }
  const calls = base(analysis, contrast)
  const waiting = waitingBetween(analysis, contrast.call)
  const isStormy = isStorm(analysis, contrast)
  const hypothesis: Omit<Hypothesis, 'service' | 'operation' | 'remote'> = {
    ...calls, ...waiting, latency: Math.min(1, calls.latency + waiting.latency),
    type: isStormy ? 'retry_storm' : 'error_origin', facts: isStormy ? { amplifier } : {},
  }
  if (first < 0) {
    const failing = charges.vocabulary.calls[-1 - first]!
    return { ...hypothesis, origins: [charges.vocabulary.operations.count - 1 - first], service: failing.service, operation: failing.operation, remote: failing.remote }
  }
  return { ...hypothesis, origins: [first, ...hypothesis.origins], service: charges.vocabulary.operations.first[first]!, operation: charges.vocabulary.operations.second[first]!, remote: 0 }
}

/** Between two attempts the caller does nothing but wait: that much of its own time belongs to the call. */
function waitingBetween({ charges, groups, sides, endpoints, before, after, change }: Analysis, number: number): { keys: number[], latency: number } {
  const call = charges.vocabulary.calls[number]!
  const sums = [0, 0]
  for (let group = 0; group < groups.count; group++) {
    const unit = charges.unit[groups.caller[group]!]!
    if (groups.call[group] !== number || groups.waited[group] === 0 || unit < 0 || !endpoints.has(charges.units.endpoint[unit]!)) continue
    if (sides[unit] === BASELINE || sides[unit] === INCIDENT) sums[sides[unit]]! += charges.units.weight[unit]! * groups.waited[group]!
  }
  const units = (summary: typeof before) => [...endpoints].reduce((sum, endpoint) => sum + summary.endpoints[endpoint]!.units, 0)
  const longer = sums[INCIDENT]! / Math.max(1e-9, units(after)) - sums[BASELINE]! / Math.max(1e-9, units(before))
  const own = change.keys.filter(({ key, total }) => {
    const { kind, service, operation } = charges.vocabulary.keys[key]!
    return kind === 'local' && total > 0 && service === call.service && operation === charges.vocabulary.operations.second[call.caller]!
  })
  const most = own.reduce((sum, { share }) => sum + share, 0)
  const latency = change.grown > 0 ? Math.min(most, Math.max(0, longer) / change.grown) : 0
  return { keys: latency > 0.5 * most ? own.map(({ key }) => key) : [], latency }
}
