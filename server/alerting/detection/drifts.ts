import { DAY, MINUTE } from '#shared/units'
import type { Finding } from '../rule'
import { drift } from './parameters'
import type { View } from './platform'
import type { Series } from './series'
import { median, momentsOf, welch } from './statistics'

const TEN = 10 * MINUTE

/**
 * T4: medians of ten minutes that moved to another level and stayed there, within the last day: what neither a minute
 * nor an hour shows. A ticket. `breathe` is called between series, because a week of all of them takes a while.
 */
export async function findDrifts({ memory, at }: Pick<View, 'memory' | 'at'>, breathe: () => Promise<void>): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const series of [...memory.all]) {
    if (series.kind === 'send') continue
    const found = findShift(series, at)
    if (found) findings.push(found)
    await breathe()
  }
  return findings
}

function findShift(series: Series, at: Date): Finding | undefined {
  const points = pointsOf(series, at)
  const split = bestSplit(points.map(({ residual }) => residual))
  if (split === undefined) return undefined
  const [before, after] = [points.slice(0, split), points.slice(split)]
  const onset = new Date(points[split]!.number * TEN)
  const [usual, now] = [before, after].map(side => Math.exp(median(side.map(({ residual }) => residual))!)) as [number, number]
  const { chance } = welch(momentsOf(before.map(({ residual }) => residual)), momentsOf(after.map(({ residual }) => residual)))
  const middle = median(after.map(({ value }) => value))!
  if (chance >= drift.chance || now < usual * (1 + drift.change) || middle * (1 - usual / now) < drift.more) return undefined
  if (at.getTime() - onset.getTime() > drift.news) return undefined
  return {
    subject: series.subject, severity: 'warning', onset,
    reason: { code: 'alerting.drift', params: { now: { micros: Math.round(middle) }, more: { ratio: now / usual - 1 }, at: { at: onset.toISOString() } } },
  }
}

interface Point { number: number, value: number, residual: number }

/** Logarithms of medians, less what the hour of the day is on all days; none where too few days are held. */
function pointsOf({ tens }: Series, at: Date): Point[] {
  const to = tens.number(at.getTime())
  const held: { number: number, value: number }[] = []
  for (let number = to - 7 * DAY / TEN; number < to; number++) {
    const { p50, spans } = tens.sum(number, number + 1)
    if (spans > 0 && p50 > 0) held.push({ number, value: p50 })
  }
  const days = (to - (held[0]?.number ?? to)) * TEN / DAY
  if (days < drift.season) return []
  const hours = Map.groupBy(held, ({ number }) => Math.floor(number / 6) % 24)
  const ofHour = new Map([...hours].map(([hour, points]) => [hour, median(points.map(({ value }) => Math.log(value)))!]))
  return held.map(point => ({ ...point, residual: Math.log(point.value) - ofHour.get(Math.floor(point.number / 6) % 24)! }))
}

/** The split whose sides differ most, far values cut so that one of them does not make it. */
function bestSplit(values: readonly number[]): number | undefined {
  if (values.length < drift.before + drift.after) return undefined
  const middle = median(values)!
  const spread = Math.max(0.01, 1.4826 * median(values.map(value => Math.abs(value - middle)))!)
  const cut = values.map(value => Math.min(4, Math.max(-4, (value - middle) / spread)))
  const all = cut.reduce((sum, value) => sum + value, 0)
  let best: { split: number, height: number } | undefined
  let left = 0
  for (let split = 1; split <= cut.length - drift.after; split++) {
    left += cut[split - 1]!
    if (split < drift.before) continue
    const height = Math.abs(left - all * split / cut.length) / Math.sqrt(split * (cut.length - split) / cut.length)
    if (!best || height > best.height) best = { split, height }
  }
  return best?.split
}
