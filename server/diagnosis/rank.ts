import type { Analysis } from './analysis'
import { mixOf } from './contrast'
import { originName } from './error-origins'
import type { Hypothesis } from './hypothesis'
import { INCIDENT } from './windows'

/** A limit, a rate or a storm says why; a key only says where. */
const MECHANISM = 1.15
const WEAK = 0.3
/** Closer than this, what lies deeper or what changed decides. */
const CLOSE = 0.9

export interface Ranked {
  hypothesis: Hypothesis
  score: number
  /** Something was changed at its service just before. */
  isChanged: boolean
  /** How many callers stand above it. */
  depth: number
}

/**
 * S9. Every hypothesis is scored by the evidence of the symptom it explains, and by the larger where both occur:
 * shares of latency and shares of errors are never added.
 */
export function scoreOf(hypothesis: Hypothesis, { latency, errors }: Analysis['weights'], shares = { latency: hypothesis.latency, errors: hypothesis.errors }): number {
  return Math.max(latency * shares.latency, errors * shares.errors) * (hypothesis.isMechanism ? MECHANISM : 1) * (hypothesis.isWeak ? WEAK : 1)
}

export function rankHypotheses(analysis: Analysis, hypotheses: Hypothesis[], isChanged: (hypothesis: Hypothesis) => boolean): Ranked[] {
  const ranked = hypotheses.map(hypothesis => ({ hypothesis, score: scoreOf(hypothesis, analysis.weights), isChanged: isChanged(hypothesis), depth: depthOf(analysis, hypothesis) }))
    .filter(({ score }) => score > 0).sort((a, b) => b.score - a.score || compareNames(analysis, a.hypothesis, b.hypothesis))
  const [first, second] = ranked
  if (first && second && isPreferred(second, first)) [ranked[0], ranked[1]] = [second, first]
  return ranked
}

/** Whether what scores less wins all the same: close behind, what changed or lies deeper is nearer to the reason. */
export function isPreferred(less: Ranked, more: Ranked, scores = { less: less.score, more: more.score }): boolean {
  if (scores.less < CLOSE * scores.more) return false
  if (less.isChanged !== more.isChanged) return less.isChanged
  return less.depth > more.depth && less.hypothesis.isMechanism === more.hypothesis.isMechanism
}

/** So that the answer does not depend on the order of the spans. */
function compareNames({ charges }: Analysis, a: Hypothesis, b: Hypothesis): number {
  const { texts } = charges.forest.traces
  const name = ({ service, operation, remote, type }: Hypothesis) => [service, operation, remote].map(text => texts[text]).join('\0') + type
  return name(a) < name(b) ? -1 : 1
}

/** How many callers stand above the place, at a span of it. */
function depthOf({ charges, byKey }: Analysis, { keys }: Hypothesis): number {
  const span = keys.length ? byKey.items[byKey.from[keys[0]!]!] : undefined
  let depth = 0
  if (span !== undefined) for (let above = charges.forest.parent[span]!; above >= 0; above = charges.forest.parent[above]!) depth++
  return depth
}

export interface Parts {
  /** Incident units of the affected endpoints. */
  units: Uint32Array
  /** Per hypothesis and unit: what it adds to the unit beyond the usual of its endpoint. */
  latency: Float64Array[]
  errors: Float64Array[]
}

/** Contributions are additive per request, so that resampling requests is a few sums. */
export function partsOf(analysis: Analysis, hypotheses: Hypothesis[]): Parts {
  const { charges, sides, before, after, endpoints, cells, origins } = analysis
  const mix = mixOf(endpoints, before, after)
  const units = Uint32Array.from([...charges.units.endpoint.keys()].filter(unit => sides[unit] === INCIDENT && mix.has(charges.units.endpoint[unit]!)))
  const place = new Int32Array(charges.units.count).fill(-1)
  for (const [i, unit] of units.entries()) place[unit] = i
  return {
    units,
    latency: hypotheses.map((hypothesis) => {
      const usual = (endpoint: number) => {
        const per = before.endpoints[endpoint]!.units
        const sum = hypothesis.keys.reduce((total, key) => total + (before.cells[cells.keys.find(endpoint, key) ?? -1]?.charge ?? 0), 0)
        const inclusive = hypothesis.calls.reduce((total, call) => total + (before.callCells[cells.calls.find(endpoint, call) ?? -1]?.inclusive ?? 0), 0)
        return (sum + inclusive) / per
      }
      const usuals = new Map([...mix.keys()].map(endpoint => [endpoint, usual(endpoint)]))
      const part = Float64Array.from(units, unit => -usuals.get(charges.units.endpoint[unit]!)!)
      const keys = new Set(hypothesis.keys)
      const calls = new Set(hypothesis.calls)
      for (let span = 0; span < charges.unit.length; span++) {
        const at = charges.unit[span]! < 0 ? -1 : place[charges.unit[span]!]!
        if (at < 0) continue
        if (keys.has(charges.key[span]!)) part[at]! += charges.charge[span]!
        if (charges.call[span]! >= 0 && calls.has(charges.call[span]!)) part[at]! += charges.inclusive[span]!
      }
      for (let q = 0; q < charges.queue.unit.length; q++) {
        const at = place[charges.queue.unit[q]!]!
        if (at >= 0 && keys.has(charges.queue.key[q]!)) part[at]! += charges.queue.delay[q]!
      }
      return part
    }),
    errors: hypotheses.map(({ origins: names }) => {
      const wanted = new Set(names)
      return Float64Array.from(units, unit => origins[unit]! >= 0 && wanted.has(originName(charges, origins[unit]!)) ? 1 : 0)
    }),
  }
}
