import { KIND } from '#shared/trace/span-table'
import type { Analysis } from './analysis'
import { durationOf } from './forest'
import { SERVER } from './link-spans'
import { logOf } from './log-histogram'
import { listOf } from './occurrences'
import { rankCorrelation } from './rank-correlation'
import { BASELINE, INCIDENT } from './windows'

export interface Saturation {
  /** Requests a second. */
  arrivals: { before: number, after: number }
  /** Rank correlation of time with how many ran at the same time. */
  crowding: number
  isSurge: boolean
}

const ARRIVALS = 1.6
/** Standard deviations of a Poisson count. */
const SURPRISE = 3
/** Calls per request of a service that is merely called more often by each must not count as a surge. */
const SAME_RATE = 1.4
const TOGETHER = 0.8
/** Rank correlation from which time follows the crowd. */
export const CROWDED = 0.55
const FEWEST = 20

/**
 * More arrive than a service can work off: its arrival rate grew with the traffic (calls per entry request did not),
 * and all its operations take longer together. Without more arrivals a queue still shows itself: how long a call
 * takes follows how many are there already, which is not so for work that merely became slow.
 */
export function findSaturation(analysis: Analysis, key: number): Saturation | undefined {
  const subject = ownerOf(analysis, key)
  // Both sides are of one time: neither knows a lighter load.
  if (analysis.isWithinWindow || !isTogether(analysis, subject)) return undefined
  const crowding = crowdingOf(analysis, key)
  const { isSurge, ...arrivals } = arrivalsOf(analysis, subject)
  // That a remote is crowded while it is slow is no wonder; only from inside a service does it mean a queue.
  return isSurge || (crowding >= CROWDED && analysis.isInstrumented(subject)) ? { arrivals, crowding, isSurge } : undefined
}

/**
 * Whether a service got so many more requests that others were overrun beside it. Queues, limits and attempts then
 * spring up all over, and which of them came first cannot be told by how much each of them explains.
 */
export function isOverrun(analysis: Analysis, service: number): boolean {
  return arrivalsOf(analysis, service).isSurge && analysis.change.keys.some(({ key, inflated }) => {
    const { kind, service: caller, remote } = analysis.charges.vocabulary.keys[key]!
    const slower = kind === 'edge' && analysis.isInstrumented(remote) ? remote : caller
    return inflated && kind !== 'queue' && slower !== service
  })
}

function ownerOf({ charges }: Analysis, key: number): number {
  const { kind, service, remote } = charges.vocabulary.keys[key]!
  return kind === 'edge' ? remote : service
}

/** Requests a second, and whether they grew with the traffic, beyond chance. */
export function arrivalsOf(analysis: Analysis, service: number): { before: number, after: number, isSurge: boolean } {
  const { windows, covered } = analysis
  const seconds = ({ from, to }: { from: number, to: number }) => (to - from) / 1e6
  const baseline = Math.min(seconds(windows.baseline), covered.before)
  const incident = seconds(windows.incident)
  const { was, is, ...noticed } = countArrivals(analysis, service)
  const { seenBefore, seen } = analysis.isKept ? { seenBefore: was, seen: is } : noticed
  const requests = countRequests(analysis)
  const [before, after] = [was / baseline, is / incident]
  const perRequest = was > 0 ? is / requests.after / (was / requests.before) : Infinity
  const expected = seenBefore * incident / baseline
  return { before, after, isSurge: was > 0 && seen - expected > SURPRISE * Math.sqrt(expected) && after >= ARRIVALS * before && perRequest < SAME_RATE }
}

/**
 * By the calls that were made to a service: what it answered falls behind when it cannot keep up. What was tried again
 * is one call, or a limit that cuts would look like a surge.
 */
function countArrivals({ charges, before, after, servers }: Analysis, service: number): { was: number, is: number, seenBefore: number, seen: number } {
  const sums = { was: 0, is: 0, seenBefore: 0, seen: 0 }
  const add = (was: { count: number, seen: number }, is: { count: number, seen: number }) => {
    sums.was += was.count
    sums.is += is.count
    sums.seenBefore += was.seen
    sums.seen += is.seen
  }
  for (const [number, { remote }] of charges.vocabulary.calls.entries()) {
    const [was, is] = [before.calls[number]!, after.calls[number]!]
    if (remote === service) add(asMeant(was), asMeant(is))
  }
  if (sums.was > 0) return sums
  for (const operation of servers) if (charges.vocabulary.operations.first[operation] === service) add(before.operations[operation]!, after.operations[operation]!)
  return sums
}

/** As they came in: where a service is looked at from its own door, attempts of a caller further up are one request. */
function countRequests({ charges: { units }, sides, before, after }: Analysis): { before: number, after: number } {
  const requests = { before: before.units, after: after.units }
  const seen = [new Set<number>(), new Set<number>()]
  for (let unit = 0; unit < units.count; unit++) {
    const side = sides[unit]!
    if (side !== BASELINE && side !== INCIDENT) continue
    if (seen[side]!.has(units.trace[unit]!)) requests[side === INCIDENT ? 'after' : 'before'] -= units.weight[unit]!
    seen[side]!.add(units.trace[unit]!)
  }
  return requests
}

function asMeant({ calls, logical, seen }: { calls: number, logical: number, seen: number }): { count: number, seen: number } {
  return { count: logical, seen: calls > 0 ? seen * logical / calls : 0 }
}

/** Whether everything a service does takes longer: all its own work, or every way into it. */
function isTogether({ charges, before, after, change, parameters }: Analysis, service: number): boolean {
  const sums = { local: { all: 0, slower: 0 }, edge: { all: 0, slower: 0 } }
  for (const [number, { kind, service: owner, remote, callee }] of charges.vocabulary.keys.entries()) {
    if (kind === 'queue' || (kind === 'local' ? owner : remote) !== service) continue
    const n = after.keys[number]!.seen
    // Calls without an answer that always had one before are as slow as it gets.
    const isCut = kind === 'edge' && callee === 0 && before.keys[number]!.seen === 0
    if (!isCut && (n < 3 || before.keys[number]!.seen < 5)) continue
    sums[kind].all += n
    if (isCut || change.keys[number]!.ratio > parameters.ratio) sums[kind].slower += n
  }
  return [sums.local, sums.edge].some(({ all, slower }) => all > 0 && slower >= TOGETHER * all)
}

/** Spearman's rank correlation between a call's own time and how many of its kind were under way when it began. */
export function crowdingOf({ charges, byKey, before }: Analysis, key: number): number {
  // Those that are slow, among themselves: a few quick ones from before the onset would prove anything.
  const line = before.keys[key]!.times.quantile(0.9) ?? -Infinity
  const spans = listOf(byKey, key).filter(span => logOf(charges.self[span]!) > line)
  if (spans.length < FEWEST) return 0
  const { forest } = charges
  const place = (span: number) => charges.vocabulary.keys[key]!.kind === 'edge' ? 0 : forest.traces.resource[forest.source[span]!]!
  const byPlace = new Map<number, number[]>()
  for (const span of spans) {
    const list = byPlace.get(place(span))
    if (list) list.push(span)
    else byPlace.set(place(span), [span])
  }
  // Within each place: one that is slower than the others is also more crowded, which proves nothing.
  let sum = 0
  let all = 0
  for (const list of byPlace.values()) {
    const starts = list.map(span => forest.start[span]!).sort((a, b) => a - b)
    const ends = list.map(span => forest.start[span]! + durationOf(forest, span)).sort((a, b) => a - b)
    const crowd = list.map(span => below(starts, forest.start[span]!) - below(ends, forest.start[span]!))
    sum += list.length * rankCorrelation(crowd, list.map(span => charges.self[span]!))
    all += list.length
  }
  return sum / all
}

function below(sorted: number[], value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

/** Operations that answer requests. */
export function findServers({ forest, operation }: Analysis['charges']): Set<number> {
  const servers = new Set<number>()
  for (let span = 0; span < operation.length; span++) if ((forest.flags[span]! & KIND) === SERVER) servers.add(operation[span]!)
  return servers
}
