import type { Analysis } from './analysis'
import { isSamePlace, type Hypothesis } from './hypothesis'
import { partsOf, scoreOf, type Ranked } from './rank'

/** Of a request's excess, what a cause must explain to have explained the request. */
const EXPLAINED = 0.5
const FEWEST = 10

/**
 * Explain away: requests that the winner explains are set aside, and the others are asked again. A second cause is one
 * that explains at least a fifth of what is left, in requests of its own.
 */
export function secondCause(analysis: Analysis, ranked: Ranked[]): Hypothesis | undefined {
  const [first, ...others] = ranked.slice(0, 8).map(({ hypothesis }) => hypothesis)
  if (!first || !others.length) return undefined
  const { units, latency, errors } = partsOf(analysis, [first, ...others])
  const { charges, before } = analysis
  const left: number[] = []
  let excess = 0
  let failing = 0
  for (const [i, unit] of units.entries()) {
    const usual = before.endpoints[charges.units.endpoint[unit]!]!
    const over = charges.units.total[unit]! - usual.total / usual.units
    if (errors[0]![i] || (over > 0 && latency[0]![i]! >= EXPLAINED * over)) continue
    left.push(i)
    excess += Math.max(0, over)
    if (analysis.origins[unit]! >= 0) failing++
  }
  if (left.length < FEWEST) return undefined
  const shares = others.map((hypothesis, at) => {
    const time = left.reduce((sum, i) => sum + Math.max(0, latency[at + 1]![i]!), 0) / Math.max(1, excess)
    const failed = left.reduce((sum, i) => sum + errors[at + 1]![i]!, 0) / Math.max(1, failing)
    const remaining = { latency: Math.min(1, excess / (left.length * Math.max(1, analysis.change.after))), errors: failing / left.length }
    return { hypothesis, explains: Math.max(hypothesis.latency > 0 ? time : 0, failed), score: scoreOf(hypothesis, remaining, { latency: Math.min(1, time), errors: Math.min(1, failed) }) }
  })
  const best = shares.sort((a, b) => b.score - a.score)[0]!
  const isOther = !isSamePlace(best.hypothesis, first) && best.hypothesis.service !== first.service
  return isOther && best.explains >= analysis.parameters.secondCause && best.score > 0.1 ? best.hypothesis : undefined
}
