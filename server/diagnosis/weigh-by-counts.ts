import type { Charges } from './charge'
import type { RedSeries } from './input'
import { STEP } from './parameters'
import { isFailedUnit } from './summary'
import { BASELINE, INCIDENT, type Windows } from './windows'

const step = STEP * 1_000

/**
 * Traces that were kept do not say how many requests there were, and of those the newest are at hand. What was counted
 * before sampling does: the units of an endpoint stand for as many requests a second, and for as many failures among
 * them, as were counted. What nobody counted is taken to come as often as before, lest a handful of traces that stand
 * for many look like a surge.
 */
export function weighByCounts(charges: Charges, sides: Uint8Array, { baseline, incident }: Windows, series: readonly RedSeries[]): Charges {
  const { units, vocabulary: { operations }, forest: { traces: { texts } } } = charges
  const weight = units.weight.slice()
  const sum = (list: readonly number[]) => list.reduce((total, unit) => total + weight[unit]!, 0)
  const scale = (list: readonly number[], to: number) => {
    const factor = to / sum(list)
    if (factor > 0 && Number.isFinite(factor)) for (const unit of list) weight[unit]! *= factor
  }
  const seconds = { before: secondsFrom(baseline, firstStart(charges, sides)), after: (incident.to - incident.from) / 1e6 }
  const byEndpoint = Map.groupBy(units.endpoint.keys(), unit => units.endpoint[unit]!)
  for (const [endpoint, all] of byEndpoint) {
    const [before, after] = [BASELINE, INCIDENT].map(side => all.filter(unit => sides[unit] === side)) as [number[], number[]]
    const counted = series.find(({ kind, service, operation }) => kind === 'server' && service === texts[operations.first[endpoint]!] && operation === texts[operations.second[endpoint]!])
    const sidesOf = [
      { own: before, length: seconds.before, rate: counted && rateOf(counted, baseline.to - seconds.before * 1e6, baseline.to) },
      { own: after, length: seconds.after, rate: counted && rateOf(counted, incident.from, incident.to) },
    ]
    if (!sidesOf.every(({ rate }) => rate)) scale(after, sum(before) / seconds.before * seconds.after)
    else {
      for (const { own, length, rate } of sidesOf) {
        const [failed, other] = [own.filter(unit => isFailedUnit(charges, unit)), own.filter(unit => !isFailedUnit(charges, unit))]
        const failures = failed.length ? other.length ? rate!.failed : rate!.requests : 0
        scale(failed, failures * length)
        scale(other, (rate!.requests - failures) * length)
      }
    }
  }
  return { ...charges, units: { ...units, weight } }
}

/** A second; undefined where nothing was counted. What happened last may not have been counted yet. */
function rateOf({ steps }: RedSeries, from: number, to: number): { requests: number, failed: number } | undefined {
  const within = steps.filter(({ at }) => at + step > from && at < to)
  const until = Math.min(to, Math.max(...within.map(({ at }) => at + step)))
  const length = (until - Math.min(from, within[0]?.at ?? from)) / 1e6
  const requests = within.reduce((sum, each) => sum + each.requests, 0)
  return requests > 0 && length > 0 ? { requests: requests / length, failed: within.reduce((sum, { failed }) => sum + failed, 0) / length } : undefined
}

/** Of an hour before, only the part from which traces came. */
function firstStart({ units }: Charges, sides: Uint8Array): number {
  return units.start.reduce((first, start, unit) => (sides[unit] === BASELINE ? Math.min(first, start) : first), Infinity)
}

function secondsFrom({ from, to }: { from: number, to: number }, first: number): number {
  return Math.max(1, (to - Math.max(from, Math.min(first, to))) / 1e6)
}
