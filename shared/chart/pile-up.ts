import type { Micros } from '../units'

/** Durations within this factor of each other count as the same. */
const width = 1.08
const leastPoints = 10
const leastShare = 0.05
/** How much denser it must be than its surroundings. */
const contrast = 4

/**
 * The duration from which on many pile up, as calls do that wait for one limit: a narrow band above the median that is
 * far denser than the bands beside it. Undefined where durations only spread.
 *
 *        .                    #
 *      . : .                  #
 *    . : : : . .     .      . # .
 *   ---------------------------|---> duration (log)
 *                              8.0 s
 */
export function pileUp(durations: readonly Micros[]): Micros | undefined {
  const sorted = durations.filter(duration => duration > 0).sort((a, b) => a - b)
  const least = Math.max(leastPoints, sorted.length * leastShare)
  let best: { from: number, to: number } | undefined
  for (let from = 0, to = 0; from < sorted.length; from++) {
    while (to < sorted.length && sorted[to]! <= sorted[from]! * width) to++
    if (to - from >= least && (!best || to - from > best.to - best.from) && sorted[from]! >= median(sorted) && stands(sorted, from, to)) best = { from, to }
  }
  return best && sorted[best.from]
}

/** Denser than the bands of the same width on both sides together. */
function stands(sorted: readonly Micros[], from: number, to: number): boolean {
  const [low, high] = [sorted[from]!, sorted[to - 1]!]
  const below = from - lowerBound(sorted, low / width)
  const above = lowerBound(sorted, high * width) - to
  return to - from >= contrast * Math.max(1, (below + above) / 2)
}

function lowerBound(sorted: readonly Micros[], value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

function median(sorted: readonly Micros[]): Micros {
  return sorted[sorted.length >> 1]!
}
