import type { Micros } from '#shared/units'

/** A series in equal steps; a step without a value is left out. */
export interface Series {
  at: Micros[]
  /** One row per step: what was seen in it, e.g. the logarithm of the mean duration and the failed share. */
  values: number[][]
}

/** Noise alone reaches this in one of 25 series of ten minutes. */
const SIGNIFICANT = 8
const FEWEST = 12

/**
 * S0. The split that sets the steps before it and after it furthest apart by the two-sample energy statistic
 *
 *   E = 2 mean |x - y| - mean |x - x'| - mean |y - y'|,   times  n m / (n + m)
 *
 * which asks for no distribution and no threshold. Columns are brought to one scale by their own median deviation, so
 * that a failed share and a duration count alike. At least one step lies after the split, two minutes of them before it,
 * and it is no later than `noLater`.
 */
export function findOnset({ at, values }: Series, noLater: Micros = Infinity): { onset: Micros, energy: number } | undefined {
  const n = values.length
  if (n < FEWEST + 1) return undefined
  const scaled = scale(values)
  const between = new Float64Array(n * n)
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) between[i * n + j] = between[j * n + i] = distance(scaled[i]!, scaled[j]!)

  // Sums of distances within the left part, within the right part and across, moved along one step at a time.
  let left = 0
  let right = 0
  let across = 0
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) right += between[i * n + j]!
  let best: { split: number, energy: number } | undefined
  for (let split = 1; split < n; split++) {
    let toLeft = 0
    let toRight = 0
    for (let j = 0; j < split - 1; j++) toLeft += between[(split - 1) * n + j]!
    for (let j = split; j < n; j++) toRight += between[(split - 1) * n + j]!
    left += toLeft
    right -= toRight
    across += toRight - toLeft
    const m = n - split
    if (split < FEWEST || at[split]! > noLater) continue
    const energy = (2 * across / (split * m) - 2 * left / split ** 2 - 2 * right / m ** 2) * split * m / n
    if (!best || energy > best.energy) best = { split, energy }
  }
  return best && best.energy >= SIGNIFICANT ? { onset: at[best.split]!, energy: best.energy } : undefined
}

function distance(a: number[], b: number[]): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2
  return Math.sqrt(sum)
}

/** Each column by the median step from one value to the next, which an onset does not widen; far values are cut. */
function scale(values: number[][]): number[][] {
  const columns = values[0]!.map((_, column) => {
    const steps = values.slice(1).map((row, i) => Math.abs(row[column]! - values[i]![column]!)).sort((a, b) => a - b)
    const middle = [...values.map(row => row[column]!)].sort((a, b) => a - b)[values.length >> 1]!
    return { middle, unit: Math.max(1e-3, steps[steps.length >> 1]!, (steps[Math.floor(steps.length * 0.8)] ?? 0) / 2) }
  })
  return values.map(row => row.map((value, column) => Math.min(20, Math.max(-20, (value - columns[column]!.middle) / columns[column]!.unit))))
}
