import type { Sentence } from '#shared/text/text'
import type { Analysis } from './analysis'
import { isSamePlace, type Hypothesis } from './hypothesis'
import { createRandom } from './random'
import { isPreferred, partsOf, scoreOf, type Ranked } from './rank'
import type { Confidence } from './verdict'

/** What the verdict rests on. */
export interface Footing {
  /** Share of the resamples in which the same place won. */
  stability: number
  draws: number
  /** Share of what changed that the winner explains. */
  explained: number
  calls: number
  /** Share of the spans whose caller is in the trace. */
  completeness: number
  /** Baseline too short to trust, or none. */
  shortBaseline: boolean
  /** How far the endpoints moved, as a factor. */
  change: number
  /** Where the beginning is not known, windows are a guess. */
  hasOnset: boolean
  /** Hardly anything was known from before: no window is compared with another. */
  isWithinWindow: boolean
  /** Below the thresholds; named because something is wrong and nothing else stands out. */
  isWeak: boolean
  /** What is named is a hole in the telemetry: it explains nothing, and calls alone say how sure it is. */
  isHole: boolean
  /** Far more requests came, and other services became slower beside it. */
  isOverrun: boolean
  /** What is named is a limit on calls that their callee had not begun. */
  isUnbegun: boolean
}

const RIVALS = 8

/** S10. The incident's requests are drawn again with replacement, and the ranking repeated on the sums. */
export function resample(analysis: Analysis, ranked: Ranked[]): number {
  const candidates = ranked.slice(0, RIVALS)
  const rivals = candidates.map(({ hypothesis }) => hypothesis)
  const winner = rivals[0]
  if (!winner) return 0
  const { draws, seed } = analysis.parameters
  const parts = partsOf(analysis, rivals)
  const random = createRandom(seed)
  const { units } = analysis.charges
  const weight = Float64Array.from(parts.units, unit => units.weight[unit]!)
  const scale = scales(analysis, rivals, parts, weight)
  const times = new Float64Array(parts.units.length)
  let same = 0
  for (let draw = 0; draw < draws; draw++) {
    times.fill(0)
    for (let i = 0; i < times.length; i++) times[Math.floor(random() * times.length)]!++
    const scores = rivals.map((hypothesis, at) => {
      let latency = 0
      let errors = 0
      let total = 0
      for (let i = 0; i < times.length; i++) {
        const w = times[i]! * weight[i]!
        total += w
        latency += w * parts.latency[at]![i]!
        errors += w * parts.errors[at]![i]!
      }
      return scoreOf(hypothesis, analysis.weights, { latency: Math.max(0, latency / total) * scale.latency[at]!, errors: errors / total * scale.errors[at]! })
    })
    if (isSamePlace(winnerOf(candidates, scores).hypothesis, winner)) same++
  }
  return same / draws
}

/** By the rules of the ranking itself: else what won as a close second would lose every draw. */
function winnerOf(candidates: Ranked[], scores: number[]): Ranked {
  const [first, second] = [...candidates.keys()].sort((a, b) => scores[b]! - scores[a]!)
  const [more, less] = [candidates[first!]!, candidates[second ?? first!]!]
  return isPreferred(less, more, { less: scores[second ?? first!]!, more: scores[first!]! }) ? less : more
}

/** So that all requests, each drawn once, give the shares that were ranked. */
function scales(analysis: Analysis, rivals: Hypothesis[], parts: ReturnType<typeof partsOf>, weight: Float64Array) {
  const total = weight.reduce((sum, w) => sum + w, 0)
  const mean = (part: Float64Array) => part.reduce((sum, value, i) => sum + value * weight[i]!, 0) / total
  return {
    latency: rivals.map((rival, at) => rival.latency / Math.max(1e-9, mean(parts.latency[at]!))),
    errors: rivals.map((rival, at) => rival.errors / Math.max(1e-9, mean(parts.errors[at]!))),
  }
}

/** A change beyond this is trusted on a short baseline too. */
const UNMISTAKABLE = 4

export function judgeConfidence({ stability, draws, explained, calls, completeness, shortBaseline, change, hasOnset, isWithinWindow, isWeak, isHole, isOverrun, isUnbegun }: Footing): { confidence: Confidence, reason: Sentence } {
  const params = { same: Math.round(stability * draws), draws, explained: { ratio: explained }, count: calls }
  if (isHole) return { confidence: calls >= 20 ? 'high' : 'medium', reason: { code: 'diagnosis.confidence.hole', params } }
  if (isWeak) return { confidence: 'low', reason: { code: 'diagnosis.confidence.weak', params } }
  if (stability < 0.7 || explained < 0.25) return { confidence: 'low', reason: { code: 'diagnosis.confidence.unstable', params } }
  if (calls < 5) return { confidence: 'low', reason: { code: 'diagnosis.confidence.few_calls', params } }
  if (isWithinWindow) return { confidence: stability >= 0.9 && explained >= 0.5 ? 'medium' : 'low', reason: { code: 'diagnosis.confidence.within_window', params } }
  if (!hasOnset) return { confidence: 'low', reason: { code: 'diagnosis.confidence.no_onset', params } }
  if (stability >= 0.9 && explained >= 0.5 && calls < 20) return { confidence: 'medium', reason: { code: 'diagnosis.confidence.thin', params } }
  if (stability < 0.9 || explained < 0.5) return { confidence: 'medium', reason: { code: 'diagnosis.confidence.partly', params } }
  if (isOverrun) return { confidence: 'medium', reason: { code: 'diagnosis.confidence.overrun', params } }
  if (isUnbegun) return { confidence: 'medium', reason: { code: 'diagnosis.confidence.unbegun', params } }
  if (completeness < 0.9) return { confidence: 'medium', reason: { code: 'diagnosis.confidence.incomplete', params: { ...params, complete: { ratio: completeness } } } }
  if (shortBaseline && change < UNMISTAKABLE) return { confidence: 'medium', reason: { code: 'diagnosis.confidence.short_baseline', params } }
  return { confidence: 'high', reason: { code: 'diagnosis.confidence.stable', params } }
}
