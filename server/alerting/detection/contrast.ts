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
type Width = typeof anomaly.widths[number]

/** The newest steps in so many blocks, oldest first, where each block holds enough calls: short ones first, long ones for who is called seldom or moves little. */
function* blocksOf(series: Series, to: number): Generator<{ blocks: Sum[], width: Width }> {
  for (const width of anomaly.widths) {
    const { steps, least } = width
    const blocks = Array.from({ length: anomaly.blocks }, (_, i) => {
      const end = to - steps * (anomaly.blocks - 1 - i)
      return series.fine.sum(end - steps, end)
    })
    if (blocks.every(({ spans }) => spans >= least)) yield { blocks, width }
  }
}

/**
 * Whether the newest blocks are slower than usual: each by half the ratio (on its own scale) and all together by all of
 * it, by enough time, and by more than the spread that so few calls have. Means see a part that hangs, medians are not
 * led astray by one call that does: either will do, if every block agrees.
 */
export function findSlower(series: Series, baseline: Baseline, to: number, factor = 1): Slower | undefined {
  // Nearly all are as ever, and the newest steps say so.
  const newest = series.fine.sum(to - anomaly.widths.at(-1)!.steps, to)
  const least = Math.log(1 + (anomaly.ratios[0]!.ratio - 1) * anomaly.widths.at(-1)!.part * factor) / 2
  if (!newest.requests || Math.max(Math.log(newest.duration / newest.requests) - baseline.mean.middle, Math.log(newest.p50) - baseline.typical.middle) < least) return undefined
  for (const { blocks, width } of blocksOf(series, to)) {
    const calls = blocks.reduce((sum, { spans }) => sum + spans, 0)
    const need = anomaly.ratios.find(each => calls >= each.calls)
    if (!need) continue
    const ratio = 1 + (need.ratio - 1) * Math.max(width.part, need.part) * factor
    for (const measure of ['typical', 'mean'] as const) {
      const shift = shiftOf(blocks, baseline, measure, { calls, width })
      if (shift.least < Math.max(Math.log(ratio) / 2, anomaly.steady * shift.all) || shift.all < Math.log(ratio) || shift.z < width.z * factor || shift.more < need.more * factor) continue
      return { ratio: Math.exp(shift.all), now: shift.now, usual: shift.usual, calls }
    }
  }
  return undefined
}

/** The same question, asked less strictly of an entry endpoint: did its consumers notice? */
export function hasMoved(series: Series, baseline: Baseline, to: number, z: number = movement.z): boolean {
  for (const { blocks, width } of blocksOf(series, to)) {
    const calls = blocks.reduce((sum, { spans }) => sum + spans, 0)
    const isSlower = (['typical', 'mean'] as const).some((measure) => {
      const shift = shiftOf(blocks, baseline, measure, { calls, width })
      const { least, all, more } = shift
      return least > Math.max(0, anomaly.steady * all) && shift.z >= z && (all >= Math.log(1 + (movement.ratio - 1) * width.part) || more >= movement.more * width.part)
    })
    if (isSlower) return true
  }
  return findFailing(series, baseline, to, movement) !== undefined
}

function shiftOf(blocks: readonly Sum[], baseline: Baseline, measure: Measure, { calls, width }: { calls: number, width: Width }) {
  const { middle, spread } = baseline[measure]
  const shifts = blocks.map(block => Math.log(Math.max(1, valueOf(block, measure))) - middle)
  const all = measure === 'mean'
    ? Math.log(Math.max(1, total(blocks, 'duration') / total(blocks, 'requests'))) - middle
    : shifts.reduce((sum, shift, i) => sum + shift * blocks[i]!.spans, 0) / calls
  // A minute's spread is of as many calls as a minute has; fewer scatter more. What few minutes say of either is a guess.
  const scatter = Math.max(width.spread, spread * Math.sqrt(Math.max(1, baseline.spansAMinute / calls))) * Math.sqrt(1 + cold.doubt / baseline.minutes)
  return { least: Math.min(...shifts), all, z: all / scatter, now: Math.exp(middle + all), usual: Math.exp(middle), more: Math.exp(middle + all) - Math.exp(middle) }
}

function valueOf({ duration, requests, p50 }: Sum, measure: Measure): number {
  return measure === 'mean' ? duration / requests : p50
}

const total = (blocks: readonly Sum[], field: 'duration' | 'requests') => blocks.reduce((sum, block) => sum + block[field], 0)

/** Whether more fails than usual: in several of the last six steps, by so many points, and hardly by chance. */
export function findFailing(series: Series, baseline: Baseline, to: number, { chance, points = anomaly.points, failures = anomaly.failures, failingSteps = anomaly.failingSteps, factor = 1 }: { chance?: number, points?: number, failures?: number, failingSteps?: number, factor?: number } = {}): Failing | undefined {
  // Those whose calls all failed before do not fail more now.
  const usual = (baseline.failed / baseline.requests * baseline.spans + 1) / (baseline.spans + 2)
  for (const { steps, chance: most } of anomaly.windows) {
    const { spans, requests, failed } = series.fine.sum(to - steps, to)
    if (!requests) continue
    const share = failed / requests
    // What tests of chance rest on is what was seen, not what it stands for.
    const seen = share * spans
    if (seen < failures * factor || share - usual < points * factor) continue
    if (binomialChance(seen, spans, usual, baseline.overdispersion) > (chance ?? most) * factor) continue
    if (!isSteady(series, to, Math.max(anomaly.shortest, steps), failingSteps * factor)) continue
    return { share, usual: baseline.failed / baseline.requests, calls: requests, failed }
  }
  return undefined
}

/** Not one burst: failures in so many steps; of a long window in each third of it, in none of them most, of a short one in the newest. */
function isSteady(series: Series, to: number, steps: number, least: number): boolean {
  const failed = Array.from({ length: steps }, (_, i) => series.fine.sum(to - steps + i, to - steps + i + 1).failed)
  if (failed.filter(each => each > 0).length < least) return false
  const thirds = [0, 1, 2].map(third => failed.slice(third * steps / 3, (third + 1) * steps / 3).reduce((sum, each) => sum + each, 0))
  if (steps <= anomaly.shortest) return thirds[2]! > 0
  return Math.min(...thirds) > 0 && Math.max(...thirds) <= anomaly.mostInThird * failed.reduce((sum, each) => sum + each, 0)
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
