import type { Micros } from '#shared/units'

/** Durations are compared by their logarithm, from a tenth of a millisecond up. */
const FLOOR: Micros = 100
const WIDTH = Math.log(1.09)
const LOWEST = Math.log(FLOOR)
const CLASSES = 200

export function logOf(duration: Micros): number {
  return Math.log(Math.max(FLOOR, duration))
}

/** Weighted counts by classes that are 9 % wide, as in the rollups; two add up by class. */
export class LogHistogram {
  readonly counts: Float64Array
  total = 0

  constructor(counts = new Float64Array(CLASSES)) {
    this.counts = counts
    for (const count of counts) this.total += count
  }

  add(log: number, weight: number): void {
    this.counts[Math.min(CLASSES - 1, Math.max(0, Math.round((log - LOWEST) / WIDTH)))]! += weight
    this.total += weight
  }

  /** Counts of neighbouring classes, from `low` on. */
  addCounts([low, ...counts]: [low: number, ...counts: number[]]): void {
    for (const [i, count] of counts.entries()) {
      this.counts[low + i]! += count
      this.total += count
    }
  }

  /** As a logarithm; undefined where nothing was counted. */
  quantile(q: number): number | undefined {
    if (this.total <= 0) return undefined
    let passed = 0
    for (let i = 0; i < CLASSES; i++) {
      passed += this.counts[i]!
      if (this.counts[i]! > 0 && passed >= q * this.total - 1e-9) return LOWEST + i * WIDTH
    }
    return undefined
  }

  /** Median absolute deviation from the median, of the logarithms. */
  deviation(): number | undefined {
    const middle = this.quantile(0.5)
    if (middle === undefined) return undefined
    const centre = Math.round((middle - LOWEST) / WIDTH)
    let passed = this.counts[centre]!
    for (let away = 1; away < CLASSES; away++) {
      if (passed >= this.total / 2) return (away - 1) * WIDTH
      passed += (this.counts[centre - away] ?? 0) + (this.counts[centre + away] ?? 0)
    }
    return CLASSES * WIDTH
  }

  /** Mean of the logarithms. */
  mean(): number {
    return this.meanOf(log => log)
  }

  meanOf(value: (log: number) => number): number {
    let sum = 0
    for (let i = 0; i < CLASSES; i++) if (this.counts[i]! > 0) sum += this.counts[i]! * value(LOWEST + i * WIDTH)
    return sum / this.total
  }
}

/** Duration of a logarithm. */
export function fromLog(log: number): Micros {
  return Math.exp(log)
}
