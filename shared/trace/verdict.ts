import type { Sentence, TextParams } from '../text/text'
import type { Micros } from '../units'
import { pathCharges, rankPath } from './critical-path'
import type { Repeat } from './repeats'
import type { Skeleton } from './skeleton'
import { ABANDONED, childrenOf, endOf, FAILED, kindOf, MISSING, ON_PATH, ORIGIN, ORPHAN, CUT, RETRIED } from './span-table'
import { waitedUntil } from './waits'

export interface Verdict {
  /** Lit fires: 1 went well, 2 late or refused, 3 failed or very late, 0 cannot be said yet. */
  fires: 0 | 1 | 2 | 3
  sentence: Sentence
  consequence?: Sentence
  /** The span the sentence is about, -1 where it is about all of them. */
  span: number
}

/** Half of the request: what takes more decides how long it took. */
const DECIDES = 0.5
const MANY = 5
/** Of the request: work that went on for less is no news, and may be no more than two clocks. */
const LITTLE = 0.01
/** Times the limit from which late is as bad as failed, as in the state of a service. */
const VERY_LATE = 4

/**
 * The trace in one sentence, true as it stands. An error comes first, and there what a caller gave up on before what
 * failed by itself; then, only where the request was slow, the one thing that took most of its time; a request
 * that went well is not accused of anything.
 */
export function findVerdict(trace: Skeleton, slowFrom: Micros): Verdict {
  const { main } = trace
  if (main < 0) return { fires: 0, sentence: { code: 'trace.verdict.empty' }, span: -1 }
  const total = trace.duration[main]! * trace.tick
  const root = { total: { micros: total }, status: trace.httpStatusOf(main) ?? null, service: serviceOf(trace, main) }
  const consequence = findConsequence(trace)

  const origin = trace.flags.findIndex(flags => (flags & ORIGIN) !== 0)
  if (trace.flags[main]! & FAILED && origin >= 0) {
    return { fires: 3, sentence: explainError(trace, origin), consequence: consequence ?? answer('failed', root), span: origin }
  }
  // A request without its caller can be judged; any other span below a missing one is not the whole story.
  if (trace.flags[main]! & (ORPHAN | CUT) && trace.parent[main]! >= 0 && !['server', 'consumer'].includes(kindOf(trace, main))) {
    return { fires: 0, sentence: { code: 'trace.verdict.unfinished', params: { count: trace.count } }, ...(consequence && { consequence }), span: -1 }
  }
  if (root.status !== null && root.status >= 400 && root.status < 500) {
    return { fires: 2, sentence: { code: 'trace.verdict.rejected', params: { ...root, service: rejecting(trace) } }, ...(consequence && { consequence }), span: main }
  }
  const slow = explainTime(trace, total)
  if (total >= slowFrom && slow) {
    return { fires: total >= VERY_LATE * slowFrom ? 3 : 2, sentence: slow.sentence, consequence: consequence ?? answer('answered', root), span: slow.span }
  }
  const first = rankPath(trace)[0]
  const most: Sentence | undefined = first && { code: 'trace.consequence.most_in', params: { service: trace.services[first.service]!, duration: { micros: first.micros }, share: { ratio: first.share } } }
  const survived: Sentence | undefined = origin >= 0 ? { code: 'trace.consequence.survived', params: { service: serviceOf(trace, origin), operation: nameOf(trace, origin) } } : undefined
  const second = consequence ?? survived ?? most
  return { fires: 1, sentence: answer('answered', root, 'verdict'), ...(second && { consequence: second }), span: -1 }
}

function answer(what: 'answered' | 'failed', root: { total: { micros: Micros }, status: number | null, service: string }, kind: 'verdict' | 'consequence' = 'consequence'): Sentence {
  const code = root.status === null ? `trace.${kind}.${what}_plain` as const : `trace.${kind}.${what}` as const
  return { code, params: { total: root.total, service: root.service, ...(root.status !== null && { status: String(root.status) }) } } as Sentence
}

function explainError(trace: Skeleton, origin: number): Sentence {
  const service = serviceOf(trace, origin)
  const status = trace.httpStatusOf(origin)
  const duration = { micros: trace.duration[origin]! * trace.tick }
  const error = trace.errorTypeOf(origin)
  const params: TextParams = { service, operation: nameOf(trace, origin), remote: remoteOf(trace, origin) ?? nameOf(trace, origin), duration, error, status: status === undefined ? null : String(status) }
  if (kindOf(trace, origin) === 'client') {
    if (gaveUp(trace, origin)) return { code: isRound(duration.micros) ? 'trace.verdict.gave_up_exactly' : 'trace.verdict.gave_up', params }
    if (status !== undefined) return { code: 'trace.verdict.dependency_answered', params }
    return { code: error ? 'trace.verdict.call_failed' : 'trace.verdict.call_failed_plain', params }
  }
  return { code: error ? 'trace.verdict.failed_in' : status === undefined ? 'trace.verdict.failed_in_plain' : 'trace.verdict.failed_with', params }
}

/** No answer came, and either the error says time-out or the callee was still at it. */
function gaveUp(trace: Skeleton, span: number): boolean {
  if (trace.httpStatusOf(span) !== undefined) return false
  if (/time.?d?.?out|timeout|deadline|abort|etimedout/i.test(trace.errorTypeOf(span) ?? '')) return true
  return [...childrenOf(trace, span)].some(child => trace.flags[child]! & ABANDONED)
}

/** Somebody wrote this number into a configuration. */
function isRound(micros: Micros): boolean {
  const step = micros >= 1_000_000 ? 500_000 : 100_000
  const nearest = Math.round(micros / step) * step
  return nearest > 0 && Math.abs(micros - nearest) <= Math.min(20_000, micros * 0.005)
}

/** What took most of a slow request. */
function explainTime(trace: Skeleton, total: Micros): { sentence: Sentence, span: number } | undefined {
  const charges = pathCharges(trace)
  const decides = DECIDES * total / trace.tick
  const whole = { micros: total }

  const inside = (span: number) => sum(charges, span, span + trace.size[span]!)
  const groups = trace.repeats.list.map(() => 0)
  for (let span = 0; span < trace.count; span++) {
    const group = trace.repeats.of[span]!
    if (group && (trace.flags[span]! & ON_PATH)) groups[group - 1]! += inside(span)
  }
  // The outermost group of those that decide: its inner ones are what each of it does.
  const repeated = groups.findIndex((ticks, i) => ticks >= decides && trace.repeats.list[i]!.count >= MANY)
  if (repeated >= 0) return { sentence: describeRepeat(trace, trace.repeats.list[repeated]!, whole), span: trace.repeats.list[repeated]!.first }

  let longest = 0
  for (let span = 1; span < trace.count; span++) if (charges[span]! > charges[longest]!) longest = span
  const service = serviceOf(trace, longest)
  const params: TextParams = { service, operation: nameOf(trace, longest), duration: { micros: charges[longest]! * trace.tick }, total: whole }
  if (charges[longest]! >= decides) {
    const uncovered = trace.gaps.filter(gap => gap.span === longest).reduce((ticks, gap) => ticks + gap.to - gap.from, 0)
    const remote = kindOf(trace, longest) === 'client' ? remoteOf(trace, longest) : undefined
    if (remote) return { sentence: { code: 'trace.verdict.waited_for', params: { ...params, remote } }, span: longest }
    if (uncovered >= decides) return { sentence: { code: 'trace.verdict.uncovered', params: { ...params, duration: { micros: uncovered * trace.tick } } }, span: longest }
    return { sentence: { code: 'trace.verdict.worked_in', params }, span: longest }
  }
  const [first] = rankPath(trace, charges)
  if (!first) return undefined
  return {
    sentence: { code: first.share >= DECIDES ? 'trace.verdict.slow_service' : 'trace.verdict.spread', params: { service: trace.services[first.service]!, duration: { micros: first.micros }, share: { ratio: first.share }, total: whole } },
    span: first.span,
  }
}

function describeRepeat(trace: Skeleton, repeat: Repeat, total: { micros: Micros }): Sentence {
  return {
    code: repeat.sequential ? 'trace.verdict.one_by_one' : 'trace.verdict.many',
    params: { count: repeat.count, operation: nameOf(trace, repeat.first), service: serviceOf(trace, repeat.first), together: { micros: repeat.together * trace.tick }, total },
  }
}

/** What the sentence does not say: work that went on for nothing, attempts that went well in the end. */
function findConsequence(trace: Skeleton): Sentence | undefined {
  let late = -1
  for (let span = 0; span < trace.count; span++) {
    const topmost = (trace.flags[span]! & ABANDONED) && !(trace.parent[span]! >= 0 && trace.flags[trace.parent[span]!]! & ABANDONED)
    if (topmost && kindOf(trace, span) === 'server' && (late < 0 || over(trace, span) > over(trace, late))) late = span
  }
  if (late >= 0 && over(trace, late) >= LITTLE * trace.duration[trace.main]!) {
    const status = trace.httpStatusOf(late)
    const rootStatus = trace.httpStatusOf(trace.main)
    const afterRoot = endOf(trace, late) - endOf(trace, trace.main)
    if (status !== undefined && rootStatus !== undefined && afterRoot > 0) {
      return { code: 'trace.consequence.answered_late', params: { service: serviceOf(trace, late), status: String(status), late: { micros: afterRoot * trace.tick }, answer: String(rootStatus) } }
    }
    return { code: 'trace.consequence.worked_on', params: { service: serviceOf(trace, late), late: { micros: over(trace, late) * trace.tick } } }
  }
  const retried = trace.flags.reduce((count, flags) => count + (flags & RETRIED ? 1 : 0), 0)
  return retried ? { code: 'trace.consequence.retried', params: { count: retried } } : undefined
}

const over = (trace: Skeleton, span: number) => endOf(trace, span) - waitedUntil(trace, span)

/** The deepest service that answered 4xx on the way down: the one that said no. */
function rejecting(trace: Skeleton): string {
  let said = trace.main
  for (let span = trace.main; span < trace.main + trace.size[trace.main]!; span++) {
    const status = trace.httpStatusOf(span)
    if (status !== undefined && status >= 400 && status < 500 && kindOf(trace, span) === 'server' && trace.depth[span]! >= trace.depth[said]!) said = span
  }
  return serviceOf(trace, said)
}

/** Who was called: the service that answered, else the name the caller had for it. */
export function remoteOf(trace: Skeleton, span: number): string | undefined {
  for (const child of childrenOf(trace, span)) {
    if (trace.flags[child]! & MISSING) continue
    if (trace.service[child] !== trace.service[span]) return serviceOf(trace, child)
  }
  const { remote, system } = trace.pillOf(span)
  return remote ?? system
}

function sum(values: Uint32Array, from: number, to: number): number {
  let total = 0
  for (let i = from; i < to; i++) total += values[i]!
  return total
}

const serviceOf = (trace: Skeleton, span: number) => trace.services[trace.service[span]!]!
const nameOf = (trace: Skeleton, span: number) => trace.names[trace.name[span]!]!
