import type { Micros } from '#shared/units'
import type { Baseline } from './baseline'
import { anomaly, baseline as cold, movement, STEP } from './parameters'
import type { Series } from './series'
import { binomialChance } from './statistics'
import { nothing, type Sum } from './steps'

/** How far a series is from what is usual for it; undefined where it is not, or nothing can be said. */
export interface Slower {
  ratio: number
  now: Micros
  usual: Micros
  calls: number
}

export interface Failing {
  share: number
  usual: number
  calls: number
  failed: number
}

type Measure = 'mean' | 'typical'

/** Blocks of the newest steps, oldest first: of one step where each holds enough calls, else of two. */
function blocksOf(series: Series, to: number): Sum[] | undefined {
  for (const [steps, least] of [[1, anomaly.blockCalls], [2, 1]] as const) {
    const blocks = Array.from({ length: anomaly.blocks }, (_, i) => {
      const end = to - steps * (anomaly.blocks - 1 - i)
      return series.fine.sum(end - steps, end)
    })
    if (blocks.every(({ spans }) => spans >= least)) return blocks
  }
  return undefined
}

/**
 * Whether the newest blocks are slower than usual: each by half the ratio (on its own scale) and all together by all of
 * it, by enough time, and by more than the spread that so few calls have. Means see a part that hangs, medians are not
 * led astray by one call that does: either will do, if every block agrees.
 */
export function findSlower(series: Series, baseline: Baseline, to: number, factor = 1): Slower | undefined {
  // Nearly all are as ever, and two steps say so.
  const newest = series.fine.sum(to - 2, to)
  const least = Math.log(1 + (anomaly.ratios[0]!.ratio - 1) * factor) / 2
  if (!newest.requests || Math.max(Math.log(newest.duration / newest.requests) - baseline.mean.middle, Math.log(newest.p50) - baseline.typical.middle) < least) return undefined
  const blocks = blocksOf(series, to)
  if (!blocks) return undefined
  const young = baseline.length < cold.young ? 2 : 1
  const calls = blocks.reduce((sum, { spans }) => sum + spans, 0)
  const need = anomaly.ratios.find(each => calls >= each.calls)
  if (!need) return undefined
  const ratio = 1 + (need.ratio - 1) * young * factor
  for (const measure of ['typical', 'mean'] as const) {
    const shift = shiftOf(blocks, baseline, measure, calls)
    if (shift.least < Math.log(ratio) / 2 || shift.all < Math.log(ratio) || shift.z < anomaly.z * young * factor || shift.more < need.more * factor) continue
    return { ratio: Math.exp(shift.all), now: shift.now, usual: shift.usual, calls }
  }
  return undefined
}

/** The same question, asked less strictly of an entry endpoint: did its consumers notice? */
export function hasMoved(series: Series, baseline: Baseline, to: number): boolean {
  const blocks = blocksOf(series, to)
  const calls = blocks?.reduce((sum, { spans }) => sum + spans, 0) ?? 0
  const slower = blocks && (['typical', 'mean'] as const).some((measure) => {
    const { least, all, z, more } = shiftOf(blocks, baseline, measure, calls)
    return least > 0 && z >= movement.z && (all >= Math.log(movement.ratio) || more >= movement.more)
  })
  return slower || findFailing(series, baseline, to, { chance: movement.chance, points: movement.points }) !== undefined
}

function shiftOf(blocks: readonly Sum[], baseline: Baseline, measure: Measure, calls: number) {
  const { middle, spread } = baseline[measure]
  const shifts = blocks.map(block => Math.log(Math.max(1, valueOf(block, measure))) - middle)
  const all = measure === 'mean'
    ? Math.log(Math.max(1, total(blocks, 'duration') / total(blocks, 'requests'))) - middle
    : shifts.reduce((sum, shift, i) => sum + shift * blocks[i]!.spans, 0) / calls
  // A minute's spread is of as many calls as a minute has; fewer scatter more.
  const scatter = Math.max(cold.spread, spread * Math.sqrt(Math.max(1, baseline.spansAMinute / calls)))
  return { least: Math.min(...shifts), all, z: all / scatter, now: Math.exp(middle + all), usual: Math.exp(middle), more: Math.exp(middle + all) - Math.exp(middle) }
}

function valueOf({ duration, requests, p50 }: Sum, measure: Measure): number {
  return measure === 'mean' ? duration / requests : p50
}

const total = (blocks: readonly Sum[], field: 'duration' | 'requests') => blocks.reduce((sum, block) => sum + block[field], 0)

/** Whether more fails than usual: in several of the last six steps, by so many points, and hardly by chance. */
export function findFailing(series: Series, baseline: Baseline, to: number, { chance = anomaly.chance as number, points = anomaly.points as number, factor = 1 } = {}): Failing | undefined {
  const young = baseline.length < cold.young ? 2 : 1
  // Those whose calls all failed before do not fail more now.
  const usual = (baseline.failed + 1) / (baseline.requests + 2)
  for (const steps of [3, 6]) {
    const { spans, requests, failed } = series.fine.sum(to - steps, to)
    if (!requests) continue
    const share = failed / requests
    // What tests of chance rest on is what was seen, not what it stands for.
    const seen = share * spans
    if (seen < anomaly.failures * factor || share - usual < points * factor * young) continue
    if (binomialChance(seen, spans, usual, baseline.overdispersion) > chance * young * factor) continue
    if (failingSteps(series, to - 6, to) < anomaly.failingSteps * factor || failingSteps(series, to - 2, to) < 1) continue
    return { share, usual: baseline.failed / baseline.requests, calls: requests, failed }
  }
  return undefined
}

function failingSteps(series: Series, from: number, to: number): number {
  let failing = 0
  for (let step = from; step < to; step++) if (series.fine.sum(step, step + 1).failed > 0) failing++
  return failing
}

/** Where the unbroken run of steps began that `isOdd` holds for; one without calls says nothing. */
export function onsetOf(series: Series, to: number, isOdd: (sum: Sum) => boolean): Date {
  let onset = to - 1
  for (let step = to - 1; step > to - 30; step--) {
    const sum = series.fine.has(step) ? series.fine.sum(step, step + 1) : nothing
    if (!sum.spans) continue
    if (!isOdd(sum)) break
    onset = step
  }
  return new Date(onset * STEP)
}
