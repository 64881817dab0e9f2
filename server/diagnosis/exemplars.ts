import { hasPast, type Analysis } from './analysis'
import type { Hypothesis } from './hypothesis'
import { listOf } from './occurrences'
import { partsOf } from './rank'
import type { Exemplar } from './verdict'
import { INCIDENT } from './windows'

const BAD = 3

/**
 * Three requests in which the winner shows most clearly, and one as it should be, from the same window. Without a winner
 * and without a past the three worst: where nothing can be compared, they are all there is to look at.
 */
export function pickExemplars(analysis: Analysis, winner: Hypothesis | undefined): Exemplar[] {
  if (!winner) return hasPast(analysis) ? [] : pickWorst(analysis)
  const { charges, change, byKey, byCall } = analysis
  const { units, latency, errors } = partsOf(analysis, [winner])
  const order = [...units.keys()].sort((a, b) => errors[0]![b]! - errors[0]![a]! || latency[0]![b]! - latency[0]![a]! || units[a]! - units[b]!)
  const guilty = new Map<number, number>()
  const lists = winner.calls.length ? winner.calls.map(call => listOf(byCall, call)) : winner.keys.map(key => listOf(byKey, key))
  for (const spans of lists) {
    for (const span of spans) {
      const unit = charges.unit[span]!
      const held = guilty.get(unit)
      if (held === undefined || charges.inclusive[span]! > charges.inclusive[held]!) guilty.set(unit, span)
    }
  }
  const show = (i: number, kind: Exemplar['kind']): Exemplar => {
    const unit = units[i]!
    return toExemplar(analysis, unit, kind, analysis.origins[unit]! >= 0 && kind === 'failed' ? analysis.origins[unit]! : guilty.get(unit) ?? charges.units.root[unit]!)
  }
  const bad = order.filter(i => errors[0]![i]! > 0 || latency[0]![i]! > 0).slice(0, BAD)
  const normal = [...units.keys()].filter(i => !bad.includes(i) && analysis.origins[units[i]!]! < 0)
    .sort((a, b) => Math.abs(charges.units.total[units[a]!]! - change.before) - Math.abs(charges.units.total[units[b]!]! - change.before) || units[a]! - units[b]!)[0]
  return [...bad.map(i => show(i, errors[0]![i]! ? 'failed' : 'slow')), ...normal === undefined ? [] : [show(normal, 'normal')]]
}

/** Failed ones at the origin of the failure, then the longest at the span that took most of their time. */
function pickWorst(analysis: Analysis): Exemplar[] {
  const { charges: { units, forest, charge }, origins, sides, endpoints } = analysis
  const isBad = (unit: number) => origins[unit]! >= 0
  const asked = [...sides.keys()].filter(unit => sides[unit] === INCIDENT && endpoints.has(units.endpoint[unit]!))
  const worst = asked.sort((a, b) => Number(isBad(b)) - Number(isBad(a)) || units.total[b]! - units.total[a]! || a - b).slice(0, BAD)
  return worst.map((unit) => {
    if (isBad(unit)) return toExemplar(analysis, unit, 'failed', origins[unit]!)
    const root = units.root[unit]!
    let longest = root
    for (let span = root; span < root + forest.size[root]!; span++) if (charge[span]! > charge[longest]!) longest = span
    return toExemplar(analysis, unit, 'slow', longest)
  })
}

function toExemplar({ charges: { units, forest } }: Analysis, unit: number, kind: Exemplar['kind'], span: number): Exemplar {
  return { traceId: forest.traces.traceIds[units.trace[unit]!]!, kind, duration: units.total[unit]!, at: forest.traces.start[forest.source[span]!]! }
}
