import { FAILED, KIND } from '#shared/trace/span-table'
import type { Analysis } from './analysis'
import { durationOf } from './forest'
import type { Hypothesis } from './hypothesis'
import { SERVER } from './link-spans'
import { fromLog, logOf } from './log-histogram'
import { listOf } from './occurrences'
import { rankCorrelation } from './rank-correlation'
import { arrivalsOf, CROWDED, crowdingOf } from './saturation'
import type { CulpritType } from './verdict'

/** Share of the slow calls that must have waited at the door, and the fewest. */
const AT_DOOR = 0.2
const FEWEST = 5
/** Part of a call that passes before its callee begins it, from which it waited. */
const UNBEGUN = 0.5
/** Waiting that grows as the line does: rank correlation of time with when it began, and deviations from none. */
const GROWING = 0.4
const SURPRISE = 2.3
const FEWEST_INSIDE = 8
/** Part of what requests of a service take longer that they must spend on others for those to be the reason. */
const MOSTLY = 0.5
/** Chains of services that wait for one another are not longer. */
const DEEPEST = 16
/** What says where time goes. */
const ABOUT_TIME = new Set<CulpritType>(['slow_local', 'slow_dependency', 'saturation'])

/**
 * Calls that are cut, or fail, because somebody further down cannot keep up: the waiting line is the cause, the limit
 * only the form in which it shows. Whoever waits is followed down to the service that waits for nobody else:
 *
 *   gateway ──cut at 10 s── loyalty ──slow── basket ──cut── invoice: its calls wait at the door, its own work is as ever
 *
 * A callee that merely takes longer than its caller has patience is none: it begins at once, and takes as long for the
 * first as for the hundredth.
 */
export function explainByLine(analysis: Analysis, hypotheses: Hypothesis[]): Hypothesis[] {
  const lines = new Map<number, Hypothesis | undefined>()
  const found: Hypothesis[] = []
  const explained = new Map<Hypothesis, Hypothesis>()
  for (const waiting of hypotheses) {
    const at = waitedFor(analysis, waiting)
    let cause = at === undefined ? undefined : causeAt(at, waiting)
    while (cause && explained.has(cause)) cause = explained.get(cause)
    if (!cause || cause === waiting) continue
    absorb(cause, waiting)
    explained.set(waiting, cause)
  }
  return [...hypotheses, ...found].filter(hypothesis => !explained.has(hypothesis))

  function causeAt(service: number, waiting: Hypothesis): Hypothesis | undefined {
    const end = endOfLine(analysis, service)
    if (waiting.type === 'slow_dependency') return end === service ? undefined : lineAt(end) ?? reasonAt(end, waiting)
    // Too few were cut to speak of a limit: then what they waited for is all there is to say.
    const own = waiting.type === 'error_origin' ? ownOf(service).find(({ latency }) => latency >= MOSTLY) : undefined
    return lineAt(isSaturated(service) ? service : end) ?? own ?? (end === service ? undefined : reasonAt(end, waiting))
  }

  function lineAt(service: number): Hypothesis | undefined {
    if (!lines.has(service)) {
      const door = doorOf(analysis, service)
      const { inside, isSlow } = insideOf(analysis, service)
      const isLine = isSaturated(service) || inside !== undefined || (!isSlow && (door.isLine || arrivalsOf(analysis, service).isSurge))
      lines.set(service, isLine ? standingFor(service, door, inside) : undefined)
    }
    return lines.get(service)
  }

  /** A service that does not keep up because of something that is no line: a limit that it runs into, or that cuts it. */
  function reasonAt(service: number, waiting: Hypothesis): Hypothesis | undefined {
    const limits = hypotheses.filter(other => other !== waiting && other.type === 'timeout' && (other.service === service || other.remote === service))
    return limits.sort((a, b) => Number(b.service === service) - Number(a.service === service) || b.latency - a.latency)[0]
  }

  function ownOf(service: number): Hypothesis[] {
    return [...hypotheses, ...found].filter(other => other.service === service && other.remote === 0 && ABOUT_TIME.has(other.type)).sort((a, b) => b.latency - a.latency)
  }

  function isSaturated(service: number): boolean {
    return ownOf(service).some(({ type }) => type === 'saturation')
  }

  /** What was found at the service already, or a new answer. */
  function standingFor(service: number, { waited, slow }: ReturnType<typeof doorOf>, inside: number | undefined): Hypothesis {
    const own = ownOf(service).find(({ type }) => type === 'saturation') ?? ownOf(service)[0]
    const { isSurge, ...arrivals } = arrivalsOf(analysis, service)
    const facts = { arrivals, isSurge, ...(waited > 0 && { door: { waited, slow } }) }
    if (own) return Object.assign(own, { type: 'saturation', isMechanism: true, facts: { ...own.facts, ...facts } })
    const line: Hypothesis = {
      type: 'saturation', service, operation: busiestOf(analysis, service), remote: 0, keys: inside === undefined ? [] : [inside], calls: [], origins: [], latency: 0, errors: 0, isMechanism: true, seen: 0, facts,
    }
    found.push(line)
    return line
  }
}

function absorb(line: Hypothesis, failing: Hypothesis) {
  line.latency = Math.max(line.latency, failing.latency)
  line.errors = Math.min(1, line.errors + failing.errors)
  line.seen = Math.max(line.seen, failing.seen)
  line.calls.push(...failing.calls)
  line.origins.push(...failing.origins)
}

/** The service that a hypothesis is about waiting for, where it is. */
function waitedFor(analysis: Analysis, { type, service, remote, origins }: Hypothesis): number | undefined {
  if (type === 'slow_dependency' && remote === 0) return doorOf(analysis, service).isLine ? service : undefined
  if (remote === 0 || !analysis.isInstrumented(remote)) return undefined
  return type === 'timeout' || (type === 'error_origin' && isWaiting(analysis, origins)) ? remote : undefined
}

/** Whether most of its failures took longer than such calls ever did: what is refused at once does not wait. */
function isWaiting({ charges: { forest, vocabulary }, byCall, before }: Analysis, origins: readonly number[]): boolean {
  let failed = 0
  let slow = 0
  for (const origin of origins) {
    const call = origin - vocabulary.operations.count
    if (call < 0) continue
    const usual = usualLongest(before, call)
    for (const span of listOf(byCall, call)) {
      if (!(forest.flags[span]! & FAILED)) continue
      failed++
      if (durationOf(forest, span) > usual) slow++
    }
  }
  return failed > 0 && slow >= MOSTLY * failed
}

/** Down from a service to the one whose requests wait longer for nobody else. */
function endOfLine(analysis: Analysis, service: number): number {
  let at = service
  for (let steps = 0; steps < DEEPEST; steps++) {
    const next = waitsFor(analysis, at)
    if (next === undefined) break
    at = next
  }
  return at
}

/** The service that requests of this one wait longer for, by more than they take longer for anything else. */
function waitsFor({ charges: { vocabulary }, cells, before, after, servers, isInstrumented, parameters }: Analysis, service: number): number | undefined {
  const requests = (summary: typeof before) => [...servers].reduce((sum, operation) => vocabulary.operations.first[operation] === service ? sum + summary.operations[operation]!.count : sum, 0)
  const [was, is] = [requests(before), requests(after)]
  if (was === 0 || is === 0) return undefined
  let own = 0
  for (const [number, { kind, service: owner }] of vocabulary.keys.entries()) if (kind === 'local' && owner === service) own += after.keys[number]!.self / is - before.keys[number]!.self / was
  const growth = new Map<number, number>()
  for (let cell = 0; cell < cells.calls.count; cell++) {
    const call = vocabulary.calls[cells.calls.second[cell]!]!
    if (call.service !== service) continue
    growth.set(call.remote, (growth.get(call.remote) ?? 0) + (after.callCells[cell]?.inclusive ?? 0) / is - (before.callCells[cell]?.inclusive ?? 0) / was)
  }
  const all = Math.max(0, own) + [...growth.values()].reduce((sum, value) => sum + Math.max(0, value), 0)
  const [remote, most] = [...growth].sort((a, b) => b[1] - a[1])[0] ?? [0, 0]
  return most > parameters.contribution && most > MOSTLY * all && isInstrumented(remote) ? remote : undefined
}

/** Of the calls to a service that took longer than ever, those that it began only after half of their time. */
function doorOf({ charges: { forest, vocabulary }, byCall, before }: Analysis, service: number): { waited: number, slow: number, isLine: boolean } {
  let waited = 0
  let slow = 0
  for (const [call, { remote }] of vocabulary.calls.entries()) {
    if (remote !== service) continue
    const usual = usualLongest(before, call)
    for (const span of listOf(byCall, call)) {
      const duration = durationOf(forest, span)
      const begun = duration > usual ? begunAfter(forest, span) : undefined
      // What was never begun may be on its way still.
      if (begun === undefined) continue
      slow++
      if (begun >= UNBEGUN * duration) waited++
    }
  }
  return { waited, slow, isLine: waited >= FEWEST && waited >= AT_DOOR * slow }
}

function begunAfter(forest: Analysis['charges']['forest'], span: number): number | undefined {
  for (let child = span + 1; child < span + forest.size[span]!; child += forest.size[child]!) if ((forest.flags[child]! & KIND) === SERVER) return forest.start[child]! - forest.start[span]!
  return undefined
}

function usualLongest(before: Analysis['before'], call: number): number {
  const p99 = before.calls[call]!.times.quantile(0.99)
  return p99 === undefined ? 0 : fromLog(p99) * 1.05
}

/**
 * Own work that takes longer the more of it there is, or the longer it goes on: waiting for something within. Work that
 * is slow otherwise is the reason of what waits for it, not a line.
 */
function insideOf(analysis: Analysis, service: number): { inside: number | undefined, isSlow: boolean } {
  const { charges, change, before, after, parameters } = analysis
  const slow = change.keys.filter(({ key, z, ratio }) => {
    const { kind, service: owner } = charges.vocabulary.keys[key]!
    const usual = (summary: typeof before) => fromLog(summary.keys[key]!.times.quantile(0.5) ?? 0)
    // Nobody waits any more for what was cut, so what it adds to requests says nothing here.
    return kind === 'local' && owner === service && z > parameters.z && ratio > parameters.ratio && usual(after) - usual(before) > parameters.contribution
  })
  return { inside: slow.find(({ key }) => crowdingOf(analysis, key) >= CROWDED || isGrowing(analysis, key))?.key, isSlow: slow.length > 0 }
}

function isGrowing({ charges: { forest, self }, byKey, before }: Analysis, key: number): boolean {
  const line = before.keys[key]!.times.quantile(0.9) ?? -Infinity
  const slow = [...listOf(byKey, key)].filter(span => logOf(self[span]!) > line)
  const correlation = slow.length < FEWEST_INSIDE ? 0 : rankCorrelation(slow.map(span => forest.start[span]!), slow.map(span => self[span]!))
  return correlation >= GROWING && correlation * Math.sqrt(slow.length - 1) >= SURPRISE
}

function busiestOf({ charges: { vocabulary }, servers, before }: Analysis, service: number): number {
  const answering = [...servers].filter(operation => vocabulary.operations.first[operation] === service).sort((a, b) => before.operations[b]!.count - before.operations[a]!.count || a - b)
  return vocabulary.operations.second[answering[0]!]!
}

/** Share of the cut calls that their callee had begun, below which they waited for it. */
const BEGUN = 0.5

/**
 * Whether most of the calls that a limit cut had not been begun by a callee that tells of itself: they waited at its
 * door, and what kept them there is in no trace. The limit is where it shows, and may not be where it comes from.
 */
export function isUnbegun({ charges: { forest }, byCall, isInstrumented }: Analysis, { type, remote, calls, facts: { limit } }: Hypothesis): boolean {
  if (type !== 'timeout' || limit === undefined || !isInstrumented(remote)) return false
  const cut = calls.flatMap(call => [...listOf(byCall, call)]).filter(span => durationOf(forest, span) >= 0.97 * limit)
  const begun = cut.filter((span) => {
    const after = begunAfter(forest, span)
    return after !== undefined && after < durationOf(forest, span)
  })
  return begun.length < BEGUN * cut.length
}
