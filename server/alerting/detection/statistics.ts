/** Of numbers in any order; undefined for none. */
export function median(values: readonly number[]): number | undefined {
  if (!values.length) return undefined
  const sorted = new Float64Array(values).sort()
  const half = sorted.length >> 1
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1]! + sorted[half]!) / 2
}

/** Deviation that the middle of the values has from their median, on the scale of a standard deviation. */
export function spreadAround(middle: number, values: readonly number[]): number {
  return 1.4826 * (median(values.map(value => Math.abs(value - middle))) ?? 0)
}

/**
 * Natural logarithm of the chance to count `seen` or more where `expected` is usual, never below the true one (Chernoff);
 * `overdispersion` is by how much counts vary more than chance alone would have it.
 */
export function poissonChance(seen: number, expected: number, overdispersion = 1): number {
  const x = seen / overdispersion
  const mean = expected / overdispersion
  if (x <= mean) return 0
  return mean <= 0 ? -Infinity : x - mean - x * Math.log(x / mean)
}

/** The same for `seen` of `n` where each has the chance `share`. */
export function binomialChance(seen: number, n: number, share: number, overdispersion = 1): number {
  const ratio = seen / n
  if (ratio <= share) return 0
  if (share <= 0) return -Infinity
  const divergence = ratio * Math.log(ratio / share) + (ratio < 1 ? (1 - ratio) * Math.log((1 - ratio) / (1 - share)) : 0)
  return -(n / overdispersion) * divergence
}

/**
 * By how much counts vary more than chance: squared deviations from what was expected, over it, by their median, so that
 * a burst does not count. 1 where chance explains them; 0.455 is that median for chance alone.
 */
export function overdispersionOf(counts: readonly { seen: number, expected: number }[]): number {
  const squares = counts.filter(({ expected }) => expected > 0).map(({ seen, expected }) => (seen - expected) ** 2 / Math.max(expected, 1))
  return Math.max(1, (median(squares) ?? 0) / 0.455)
}

/** Two-sided chance that two samples have one mean, by Welch's test; normal tails, which is close from 30 degrees on. */
export function welch(a: Moments, b: Moments): { t: number, chance: number } {
  const error = Math.sqrt(a.variance / a.n + b.variance / b.n)
  if (error === 0) return a.mean === b.mean ? { t: 0, chance: 1 } : { t: Infinity, chance: 0 }
  const t = (b.mean - a.mean) / error
  const degrees = (a.variance / a.n + b.variance / b.n) ** 2
    / ((a.variance / a.n) ** 2 / (a.n - 1) + (b.variance / b.n) ** 2 / (b.n - 1))
  return { t, chance: studentTail(Math.abs(t), degrees) * 2 }
}

export interface Moments { n: number, mean: number, variance: number }

export function momentsOf(values: readonly number[]): Moments {
  const n = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / n
  return { n, mean, variance: n < 2 ? 0 : values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1) }
}

/** Upper tail of Student's distribution, by a normal variable of nearly the same tail (Wallace). */
function studentTail(t: number, degrees: number): number {
  return normalTail(Math.sqrt(degrees * Math.log1p(t * t / degrees)) * (8 * degrees + 1) / (8 * degrees + 3))
}

/** Within 1.2e-7 relative (Numerical Recipes' erfc). */
function normalTail(z: number): number {
  const x = z / Math.SQRT2
  const t = 1 / (1 + x / 2)
  const terms = [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277]
  return t * Math.exp(-x * x + terms.reduceRight((sum, term) => term + t * sum)) / 2
}
