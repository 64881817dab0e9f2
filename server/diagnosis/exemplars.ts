import type { Analysis } from './analysis'
import type { Hypothesis } from './hypothesis'
import { listOf } from './occurrences'
import { partsOf } from './rank'
import type { Exemplar } from './verdict'

const BAD = 3

/** Three requests in which the winner shows most clearly, and one as it should be, from the same window. */
export function pickExemplars(analysis: Analysis, winner: Hypothesis | undefined): Exemplar[] {
  if (!winner) return []
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
    const span = analysis.origins[unit]! >= 0 && kind === 'failed' ? analysis.origins[unit]! : guilty.get(unit) ?? charges.units.root[unit]!
    return { traceId: charges.forest.traces.traceIds[charges.units.trace[unit]!]!, kind, duration: charges.units.total[unit]!, at: charges.forest.traces.start[charges.forest.source[span]!]! }
  }
  const bad = order.filter(i => errors[0]![i]! > 0 || latency[0]![i]! > 0).slice(0, BAD)
  const normal = [...units.keys()].filter(i => !bad.includes(i) && analysis.origins[units[i]!]! < 0)
    .sort((a, b) => Math.abs(charges.units.total[units[a]!]! - change.before) - Math.abs(charges.units.total[units[b]!]! - change.before) || units[a]! - units[b]!)[0]
  return [...bad.map(i => show(i, errors[0]![i]! ? 'failed' : 'slow')), ...normal === undefined ? [] : [show(normal, 'normal')]]
}
