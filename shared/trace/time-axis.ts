import type { Micros } from '../units'

const SECOND = 1_000_000
const steps = [
  ...[1, 10, 100, 1_000, 10_000, 100_000].flatMap(unit => [1, 2, 5].map(step => step * unit)),
  ...[1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 3_600, 7_200, 21_600, 43_200, 86_400, 604_800].map(seconds => seconds * SECOND),
]

/** Round times within a window, so many at most, for the axis above the bars. */
export function axisTicks(from: Micros, to: Micros, most: number): Micros[] {
  const step = steps.find(step => (to - from) / step <= most) ?? steps.at(-1)!
  const ticks: Micros[] = []
  for (let at = Math.ceil(from / step) * step; at <= to && ticks.length <= most; at += step) ticks.push(at)
  return ticks
}
