import type { TimeWindow } from '#shared/units'
import type { Retention } from '../snapshot'

/** A stretch of the window and the level of steps to read it from; seconds. */
export interface Stretch {
  level: 10 | 60 | 600
  from: number
  to: number
}

/**
 * Covers a window with as few steps as it takes: coarse ones inside, fine ones at its edges.
 *
 *   window        |-----------------------------------|
 *   10 s       ::::                                   ::::
 *   1 min          | | | | |                   | | | |
 *   10 min                  |         |       |
 *
 * `step` is what the answer is cut into, and bounds how coarse a level may be. Where fine steps are no longer kept the
 * edge is rounded outwards to the next coarser one.
 */
export function stretchesOf({ from, to }: TimeWindow, step: number | undefined, now: number, retention: Pick<Retention, 'rollup10sDays' | 'rollup1mDays'>): Stretch[] {
  const start = Math.floor(from.getTime() / 1000)
  const end = Math.ceil(to.getTime() / 1000)
  const finest = start < now / 1000 - retention.rollup1mDays * 86_400 ? 600 : start < now / 1000 - retention.rollup10sDays * 86_400 ? 60 : 10
  const seconds = step === undefined ? Infinity : step / 1000
  const allowed = ([10, 60, 600] as const).filter(level => level >= finest && (level === finest || seconds % level === 0 || (seconds === Infinity)))
  return cover(floor(start, allowed[0]!), ceil(end, allowed[0]!), allowed)
}

function cover(from: number, to: number, levels: readonly Stretch['level'][]): Stretch[] {
  if (from >= to) return []
  const coarsest = levels.at(-1)!
  const inner = { from: ceil(from, coarsest), to: floor(to, coarsest) }
  if (levels.length === 1) return [{ level: coarsest, from, to }]
  const finer = levels.slice(0, -1)
  if (inner.from >= inner.to) return cover(from, to, finer)
  return [...cover(from, inner.from, finer), { level: coarsest, ...inner }, ...cover(inner.to, to, finer)]
}

function floor(second: number, level: number): number {
  return second - second % level
}

function ceil(second: number, level: number): number {
  return floor(second + level - 1, level)
}
