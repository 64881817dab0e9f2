import type { DurationClass, Red } from '../../ports'
import { boundsOf, Sketch, unit } from '../rollup/sketch'

export interface CellRow {
  keyId: number
  bucket: number
  spans: number
  requests: number
  failed: number
  duration: number
  sketch: Buffer
}

/** RED of one group, added up from cells. */
export class RedSum {
  private spans = 0
  private requests = 0
  private failed = 0
  private clientErrors = 0
  private duration = 0
  private sketch = new Sketch()

  add(row: CellRow, statusClass: number): void {
    this.spans += row.spans
    this.requests += row.requests
    this.failed += row.failed
    this.duration += row.duration
    if (statusClass === 4) this.clientErrors += row.requests
    this.sketch.merge(row.sketch)
  }

  get isEstimated(): boolean {
    return Math.abs(this.requests - this.spans) > 1e-6 * this.spans
  }

  /** By rising duration, without the empty ones. */
  get classes(): DurationClass[] {
    const { low, counts } = this.sketch
    return counts.flatMap((count, i) => count > 0 ? [{ ...boundsOf(low + i), requests: count / unit }] : [])
  }

  /** Requests that took longer. */
  above(duration: number): number {
    return tidy(this.sketch.above(duration) / unit)
  }

  get red(): Red {
    return {
      spans: this.spans,
      requests: tidy(this.requests),
      failed: tidy(this.failed),
      clientErrors: tidy(this.clientErrors),
      duration: Math.round(this.duration),
      p50: this.sketch.quantile(0.5),
      p95: this.sketch.quantile(0.95),
      p99: this.sketch.quantile(0.99),
    }
  }
}

/** Sums of 1/p end in digits that mean nothing. */
function tidy(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
