import type { Charges } from './charge'
import { logOf } from './log-histogram'
import type { Parameters } from './parameters'
import type { Cells, Summary } from './summary'
import { INCIDENT } from './windows'

/** The change of one quantity per request of the affected endpoints, microseconds. The parts sum to `total`. */
export interface Contribution {
  total: number
  /** Calls took longer. */
  duration: number
  /** There were more of them. */
  rate: number
  /** Both at once. */
  product: number
}

export interface KeyContrast extends Contribution {
  key: number
  /** Spans seen in each window. */
  before: number
  after: number
  z: number
  /** Of typical times: the larger of the ratio of geometric means and of means. */
  ratio: number
  /** Of everything that became slower. */
  share: number
  inflated: boolean
  /** Never seen in a baseline that had room for it. */
  isNew: boolean
}

export interface Change {
  /** Mean duration of the affected endpoints, microseconds, endpoints mixed as in the incident. */
  before: number
  after: number
  /** Sum of what grew. */
  grown: number
  keys: KeyContrast[]
}

const LEAST_SPREAD = 0.15
const MOST_CALLS = 200

/**
 * S3. How much each key adds to what the affected endpoints changed by. Means are taken per request and endpoint, and
 * endpoints are mixed as they were in the incident, so that a shift of traffic is no change; then
 *
 *   D = u' m' - u m = u (m' - m) + (u' - u) m + (u' - u) (m' - m)      u calls per request, m time per call
 *
 * and the D of all keys sum to the change of the mean.
 */
export function contrastKeys({ charges, cells, before, after, endpoints, sides, parameters }: {
  charges: Charges
  cells: Cells
  before: Summary
  after: Summary
  /** Affected: number of their operation. */
  endpoints: ReadonlySet<number>
  sides: Uint8Array
  parameters: Parameters
}): Change {
  const mix = mixOf(endpoints, before, after)
  const keys: KeyContrast[] = charges.vocabulary.keys.map((_, key) => ({
    key, total: 0, duration: 0, rate: 0, product: 0, share: 0, z: 0, ratio: 1, inflated: false, isNew: false,
    before: before.keys[key]!.seen, after: after.keys[key]!.seen,
  }))
  for (let cell = 0; cell < cells.keys.count; cell++) {
    const share = mix.get(cells.keys.first[cell]!)
    if (share === undefined) continue
    const endpoint = cells.keys.first[cell]!
    const was = before.cells[cell]
    const is = after.cells[cell]
    addContribution(keys[cells.keys.second[cell]!]!, share,
      { units: before.endpoints[endpoint]!.units, calls: was?.calls ?? 0, time: was?.charge ?? 0 },
      { units: after.endpoints[endpoint]!.units, calls: is?.calls ?? 0, time: is?.charge ?? 0 })
  }

  const change: Change = { before: 0, after: 0, grown: 0, keys }
  for (const [endpoint, share] of mix) {
    change.before += share * before.endpoints[endpoint]!.total / before.endpoints[endpoint]!.units
    change.after += share * after.endpoints[endpoint]!.total / after.endpoints[endpoint]!.units
  }
  for (const key of keys) change.grown += Math.max(0, key.total)
  scoreTimes(keys, charges, before, after, sides)
  for (const key of keys) {
    key.share = change.grown > 0 ? Math.max(0, key.total) / change.grown : 0
    key.isNew = key.before === 0 && key.after > 0
    const enough = key.share >= parameters.share || key.total >= parameters.contribution
    key.inflated = enough && (key.isNew || (key.z > parameters.z && key.ratio > parameters.ratio))
  }
  return change
}

/** Share of each affected endpoint in the incident's requests; those without a baseline are left out. */
export function mixOf(endpoints: ReadonlySet<number>, before: Summary, after: Summary): Map<number, number> {
  const both = [...endpoints].filter(endpoint => before.endpoints[endpoint]!.units > 0 && after.endpoints[endpoint]!.units > 0)
  const total = both.reduce((sum, endpoint) => sum + after.endpoints[endpoint]!.units, 0)
  return new Map(both.map(endpoint => [endpoint, after.endpoints[endpoint]!.units / total]))
}

interface Sums { units: number, calls: number, time: number }

/** Adds one endpoint's part of a change. What was never called, or no longer is, has no time per call: all of it is rate. */
export function addContribution(to: Contribution, share: number, was: Sums, is: Sums): void {
  const u = was.calls / was.units
  const v = is.calls / is.units
  const m = was.calls > 0 ? was.time / was.calls : undefined
  const n = is.calls > 0 ? is.time / is.calls : undefined
  const total = is.time / is.units - was.time / was.units
  to.total += share * total
  if (m === undefined || n === undefined) to.rate += share * total
  else {
    to.duration += share * u * (n - m)
    to.rate += share * (v - u) * m
    to.product += share * (v - u) * (n - m)
  }
}

/** z and ratio of the times of each key against its baseline: robust, because an onset is never exact. */
function scoreTimes(keys: KeyContrast[], charges: Charges, before: Summary, after: Summary, sides: Uint8Array): void {
  const middle = keys.map(({ key }) => before.keys[key]!.times.quantile(0.5) ?? 0)
  const spread = keys.map(({ key }) => Math.max(LEAST_SPREAD, 1.4826 * (before.keys[key]!.times.deviation() ?? 0)))
  const scores = new Float64Array(keys.length)
  const weights = new Float64Array(keys.length)
  const visit = (key: number, time: number, weight: number) => {
    scores[key]! += weight * Math.min(6, Math.max(-4, (logOf(time) - middle[key]!) / spread[key]!))
    weights[key]! += weight
  }
  for (let span = 0; span < charges.unit.length; span++) {
    const unit = charges.unit[span]!
    if (unit >= 0 && sides[unit] === INCIDENT) visit(charges.key[span]!, charges.self[span]!, charges.units.weight[unit]!)
  }
  for (let q = 0; q < charges.queue.unit.length; q++) {
    const unit = charges.queue.unit[q]!
    if (sides[unit] === INCIDENT) visit(charges.queue.key[q]!, charges.queue.delay[q]!, charges.units.weight[unit]!)
  }
  for (const key of keys) {
    if (key.before === 0 || key.after === 0) continue
    const was = before.keys[key.key]!
    const is = after.keys[key.key]!
    key.z = scores[key.key]! / weights[key.key]! * Math.sqrt(Math.min(key.after, MOST_CALLS))
    key.ratio = Math.max(Math.exp(is.times.mean() - was.times.mean()), is.self / is.calls / Math.max(1, was.self / was.calls))
  }
}
