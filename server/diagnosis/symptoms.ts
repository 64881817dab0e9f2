import { STEP, type Parameters } from './parameters'
import type { Charges } from './charge'
import type { DiagnosisInput, RedSeries } from './input'
import type { LogHistogram } from './log-histogram'
import { findOnset, type Series } from './onset'
import { isFailedUnit, type Summary } from './summary'
import { isOver } from './windows'
import type { Micros } from '#shared/units'

const step: Micros = STEP * 1_000

/** Failed requests that a series must gain to count as much as a duration that doubles. */
const FAILED_SCALE = 5

/** One series per endpoint from the traces: steps of 10 s by the end of a request, scaled up by what each stands for. */
export function seriesOfUnits(charges: Charges, endpoint: number): Series {
  const steps = new Map<number, { requests: number, failed: number, logs: number }>()
  for (let unit = 0; unit < charges.units.count; unit++) {
    if (charges.units.endpoint[unit] !== endpoint) continue
    const at = Math.floor((charges.units.start[unit]! + charges.units.total[unit]!) / step) * step
    const entry = steps.get(at) ?? { requests: 0, failed: 0, logs: 0 }
    const weight = charges.units.weight[unit]!
    entry.requests += weight
    entry.logs += weight * Math.log(Math.max(100, charges.units.total[unit]!))
    if (isFailedUnit(charges, unit)) entry.failed += weight
    steps.set(at, entry)
  }
  return toSeries([...steps].map(([at, { requests, failed, logs }]) => ({ at, log: logs / requests, failed: failed / requests })))
}

export function seriesOfRed({ steps }: RedSeries): Series {
  return toSeries(steps.filter(({ requests }) => requests > 0)
    .map(({ at, requests, failed, duration }) => ({ at, log: Math.log(Math.max(100, duration / requests)), failed: failed / requests })))
}

function toSeries(rows: { at: Micros, log: number, failed: number }[]): Series {
  rows.sort((a, b) => a.at - b.at)
  return { at: rows.map(({ at }) => at), values: rows.map(({ log, failed }) => [log, FAILED_SCALE * failed]) }
}

export interface FoundOnset {
  onset: Micros
  energy: number
  /** Disturbances before it that were over again: no baseline either. */
  over: { from: Micros, to: Micros }[]
}

/**
 * S0 over the series of the affected endpoints; the clearest one decides. What incidents spoilt that are over is not looked
 * at. What was noticed at a moment had begun by then: a change that came later is of something else, or of a busy machine.
 * Where too little came before it to tell, and it has gone on for longer than an incident is looked at, a later change is
 * one of what goes on.
 */
export function findCommonOnset(all: Series[], { at, noticed, excluded }: Pick<DiagnosisInput, 'at' | 'noticed' | 'excluded'>, { baseline, longestIncident }: Parameters): FoundOnset | undefined {
  const spoilt = excluded.filter(window => isOver(window, at))
  const searched = all.map(series => keepSteps(series, time => time >= at - baseline * 1_000 && !spoilt.some(({ from, to }) => time + step > from && time < to)))
  const clearest = (series: Series[], noLater: Micros) => series.map(one => findLastOnset(one, noLater)).filter(found => found !== undefined).sort((a, b) => b.energy - a.energy)[0]
  if (noticed === undefined) return clearest(searched, Infinity)
  const found = clearest(searched, noticed)
  if (found || at - noticed < longestIncident * 1_000) return found
  return clearest(searched.map(series => keepSteps(series, time => time >= noticed)), Infinity)
}

/** Of what is further away than this from before, relative to what came between, nothing is over. */
const RECOVERED = 0.3
const MOST_RECOVERIES = 4

/**
 * The beginning of what holds now. Where a clear change was undone by a later one, both were of another disturbance:
 *
 *   ______|‾‾‾‾‾|_________|‾‾     whichever of the three is found first, what followed the second is like what was
 *         ^over^          ^ onset before the first
 */
function findLastOnset(series: Series, noLater: Micros): FoundOnset | undefined {
  const over: FoundOnset['over'] = []
  for (let round = 0; round <= MOST_RECOVERIES; round++) {
    const found = findOnset(series, noLater)
    if (!found) return undefined
    const spell = findSpell(series, found.onset)
    // What was noticed while it went on is what is asked about, over by now or not.
    if (!spell || spell.to > noLater) return { ...found, over }
    over.push(spell)
    series = keepSteps(series, time => time < spell.from || time >= spell.to)
  }
  return undefined
}

/** A spell that begins or ends with this split, and after which it was as before. */
function findSpell(series: Series, split: Micros): { from: Micros, to: Micros } | undefined {
  const earlier = findOnset(keepSteps(series, time => time < split))?.onset
  const later = findOnset(keepSteps(series, time => time >= split))?.onset
  for (const [from, to] of [[split, later], [earlier, split]] as const) {
    if (from === undefined || to === undefined) continue
    const before = meanOf(keepSteps(series, time => time < from))
    const between = meanOf(keepSteps(series, time => time >= from && time < to))
    const after = meanOf(keepSteps(series, time => time >= to))
    if (away(before, after) <= RECOVERED * away(before, between)) return { from, to }
  }
  return undefined
}

function keepSteps({ at, values }: Series, isKept: (time: Micros) => boolean): Series {
  const kept = at.flatMap((time, i) => isKept(time) ? [i] : [])
  return { at: kept.map(i => at[i]!), values: kept.map(i => values[i]!) }
}

function meanOf({ values }: Series): number[] {
  return (values[0] ?? []).map((_, column) => values.reduce((sum, row) => sum + row[column]!, 0) / values.length)
}

function away(a: number[], b: number[]): number {
  return Math.hypot(...a.map((value, i) => value - (b[i] ?? value)))
}

/** Failures that are more than chance, and times that are longer by more than a fifth. */
export const SLOWER = 1.2
const MORE_FAILED = 0.02
const SURPRISE = 5
const FEWEST_FAILED = 5

/**
 * What is wrong with an endpoint between two windows, as weights between 0 and 1. Where nobody said that anything is,
 * chance must be ruled out; what was noticed is taken at its word.
 */
export function weighEndpoint(was: Summary['endpoints'][number], is: Summary['endpoints'][number], isNoticed: boolean): { latency: number, errors: number } {
  if (was.units === 0 || is.units === 0) return { latency: 0, errors: 0 }
  const before = was.total / was.units
  const after = is.total / is.units
  const isSlower = isNoticed ? after > before : after > SLOWER * before && shiftOf(was, is) > SURPRISE
  const p = was.failed / was.units
  const q = is.failed / is.units
  const pooled = (p * was.seen + q * is.seen) / (was.seen + is.seen)
  const z = (q - p) / Math.sqrt(Math.max(1e-12, pooled * (1 - pooled) * (1 / was.seen + 1 / is.seen)))
  const hasFailedMore = isNoticed ? q > p : q - p >= MORE_FAILED && z > SURPRISE && q * is.seen >= FEWEST_FAILED
  return { latency: isSlower ? 1 - before / after : 0, errors: hasFailedMore ? q - p : 0 }
}

/** Mean of the clipped robust z of all requests, in its own standard errors: few that are very slow count, too. */
function shiftOf(was: Summary['endpoints'][number], is: Summary['endpoints'][number]): number {
  const middle = was.times.quantile(0.5)!
  const spread = Math.max(0.15, 1.4826 * was.times.deviation()!)
  const clipped = (times: LogHistogram) => times.meanOf(log => Math.min(6, Math.max(-4, (log - middle) / spread)))
  return (clipped(is.times) - clipped(was.times)) / Math.sqrt(1 / is.seen + 1 / was.seen)
}
