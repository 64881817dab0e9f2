import type { Limits } from '#shared/status/limits'
import type { Sentence } from '#shared/text/text'
import { SECOND } from '#shared/units'
import type { AlertSubject } from '../alert'
import type { Finding } from '../rule'
import { outage } from './parameters'
import type { Tally } from './second-counts'

export interface Entry {
  service: string
  method: string
  routeKey: string
  limits: Limits
}

/** What ended at an entry endpoint in the `seconds` before `at`. */
export type TallyOf = (entry: Entry, at: Date, seconds: number) => Tally

/**
 * T0: the entry endpoints that fail or hang outright, judged over the shortest window that holds enough requests. One
 * without enough of them in a minute is not judged here; the error and latency tests that know its past are.
 */
export function findOutages(entries: Iterable<Entry>, tallyOf: TallyOf, at: Date, isFiring: (subject: AlertSubject) => boolean): Finding[] {
  return [...entries].flatMap((entry) => {
    const subject = { service: entry.service, method: entry.method, routeKey: entry.routeKey }
    const judged = judge(entry, tallyOf, at, isFiring(subject) ? outage.keep : 1)
    return judged ? { subject, severity: 'critical' as const, onset: onsetOf(entry, tallyOf, at), reason: judged } : []
  })
}

function judge(entry: Entry, tallyOf: TallyOf, at: Date, factor: number): Sentence | undefined {
  for (const seconds of outage.windows) {
    const tally = tallyOf(entry, at, seconds)
    if (tally.spans >= outage.completions * factor) return reasonOf(tally, entry.limits, seconds, factor)
  }
  return undefined
}

function reasonOf(tally: Tally, limits: Limits, seconds: number, factor: number): Sentence | undefined {
  const { requests, failed, p95 = 0 } = tally
  const count = Math.round(requests)
  if (failsBadly(tally, limits, factor)) return { code: 'alerting.outage.errors', params: { ratio: { ratio: failed / requests }, count, seconds, limit: { ratio: limits.errorCritical } } }
  if (hangs(tally, limits, factor)) return { code: 'alerting.outage.latency', params: { p95: { micros: p95 }, count, seconds, limit: { micros: limits.latency * 1000 } } }
  return undefined
}

/** Back through the steps of five seconds that were bad, too; a step in which nothing ended says nothing against it. */
function onsetOf(entry: Entry, tallyOf: TallyOf, at: Date): Date {
  let onset = at
  for (let to = at.getTime(); to > at.getTime() - 60 * SECOND; to -= 5 * SECOND) {
    const tally = tallyOf(entry, new Date(to), 5)
    if (!tally.spans) continue
    if (!failsBadly(tally, entry.limits) && !hangs(tally, entry.limits)) break
    onset = new Date(to - 5 * SECOND)
  }
  return onset
}

const failsBadly = ({ requests, failed }: Tally, { errorCritical }: Limits, factor = 1) => failed > 0 && failed / requests >= errorCritical * factor
const hangs = ({ p95 = 0 }: Tally, { latency }: Limits, factor = 1) => p95 >= outage.latencyFactor * latency * 1000 * factor

