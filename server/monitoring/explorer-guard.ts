import { relativeRanges, type RelativeRange } from '#shared/schemas/time-range'
import { AppError } from '#shared/errors'
import { DAY, SECOND, type Millis, type TimeWindow } from '#shared/units'

/** What a query may cost a backend that others need, too. */
export const limits = { points: 11_000, read: 200_000, series: 100, days: 31, seconds: 15 } as const

/** Points that a chart of an hour has: finer could not be seen. */
const usualPoints = 240
/** With fewer it would be no course. */
const leastPoints = 20
const finest: Millis = 5 * SECOND
const steps: readonly number[] = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400]

export interface FittedStep {
  step: Millis
  /** Set where it is wider than wanted. */
  guard?: { from: Millis, to: Millis, series: number, points: number, most: number, shorter: RelativeRange | null }
}

/** Refused before anybody is asked: a range that is too long, or steps so fine that the backend would refuse them. */
export function checkRange({ from, to }: TimeWindow, asked: Millis | undefined): void {
  const length = to.getTime() - from.getTime()
  if (length > limits.days * DAY) throw new AppError('metrics.range_too_long', { days: limits.days })
  const points = pointsOf(length, asked ?? stepFor(length))
  if (points > limits.points) throw new AppError('metrics.too_many_points', { points, most: limits.points, seconds: niceUp(length / limits.points) / SECOND })
}

/**
 * The step that was asked for, or one that suits the range; wider where the series that the query reads (`series`, as
 * far as known) would be read too often. Where even the widest is too much, the query is refused with what to do.
 */
export function fitStep({ from, to }: TimeWindow, asked: Millis | undefined, series: number | undefined): FittedStep {
  const length = to.getTime() - from.getTime()
  const wanted = asked ?? stepFor(length)
  const points = pointsOf(length, wanted)
  if (series === undefined || series * points <= limits.read) return { step: wanted }
  const step = niceUp(length * series / limits.read)
  if (pointsOf(length, step) < leastPoints) throw new AppError('metrics.too_many_series', { series, most: limits.read / leastPoints })
  const reach = limits.read / series * wanted
  const shorter = (Object.entries(relativeRanges) as [RelativeRange, Millis][]).findLast(([, range]) => range <= reach && range < length)
  return { step, guard: { from: wanted, to: step, series, points: series * points, most: limits.read, shorter: shorter?.[0] ?? null } }
}

export function stepFor(length: Millis): Millis {
  return Math.max(finest, niceUp(length / usualPoints))
}

function pointsOf(length: Millis, step: Millis): number {
  return Math.floor(length / step) + 1
}

function niceUp(ms: Millis): Millis {
  const seconds = ms / SECOND
  return (steps.find(step => step >= seconds - 1e-9) ?? Math.ceil(seconds / 86_400) * 86_400) * SECOND
}
