import type { Red } from '#server/telemetry/ports'
import type { Micros, Millis } from '#shared/units'

/** What one series counted within some steps. */
export interface Sum {
  /** Counted themselves; what tests of chance may rest on. */
  spans: number
  requests: number
  failed: number
  clientErrors: number
  duration: number
  /** Of the steps' medians the mean by requests, on the scale of ratios. */
  p50: Micros
  /** Of the steps' p95 the mean by requests: quantiles do not add. */
  p95: Micros
}

export const nothing: Sum = { spans: 0, requests: 0, failed: 0, clientErrors: 0, duration: 0, p50: 0, p95: 0 }

const fields = 7

/** The newest steps of one series. What lies further back than it is long is overwritten. */
export class Steps {
  readonly width: Millis
  private size: number
  private numbers: Int32Array
  private values: Float32Array

  constructor(width: Millis, length: Millis) {
    this.width = width
    this.size = Math.round(length / width)
    this.numbers = new Int32Array(this.size).fill(-1)
    this.values = new Float32Array(this.size * fields)
  }

  /** Step number of a time: steps since the epoch. */
  number(at: number): number {
    return Math.floor(at / this.width)
  }

  /** What a step counted in all; said again it replaces what was said before. */
  set(number: number, { spans, requests, failed, clientErrors, duration, p50 = 0, p95 = 0 }: Omit<Red, 'p99'>): void {
    const place = number % this.size
    if (this.numbers[place]! > number) return
    this.numbers[place] = number
    this.values.set([spans, requests, failed, clientErrors, duration, p50, p95], place * fields)
  }

  /** What was counted before a clock was put back would stand in the way of all until it comes there again. */
  forgetFrom(number: number): void {
    for (let place = 0; place < this.size; place++) if (this.numbers[place]! >= number) this.numbers[place] = -1
  }

  has(number: number): boolean {
    return this.numbers[number % this.size] === number
  }

  requests(number: number): number {
    return this.has(number) ? this.values[number % this.size * fields + 1]! : 0
  }

  /** Steps `from` to before `to`, those of them that are held. */
  sum(from: number, to: number): Sum {
    const { numbers, values, size } = this
    let spans = 0
    let requests = 0
    let failed = 0
    let clientErrors = 0
    let duration = 0
    let logarithms = 0
    let slow = 0
    for (let number = Math.max(from, to - size); number < to; number++) {
      const place = number % size
      if (numbers[place] !== number) continue
      const first = place * fields
      const calls = values[first + 1]!
      spans += values[first]!
      requests += calls
      failed += values[first + 2]!
      clientErrors += values[first + 3]!
      duration += values[first + 4]!
      logarithms += calls * Math.log(Math.max(1, values[first + 5]!))
      slow += calls * values[first + 6]!
    }
    return { spans, requests, failed, clientErrors, duration, p50: requests ? Math.exp(logarithms / requests) : 0, p95: requests ? slow / requests : 0 }
  }
}

/** What several counted together; medians and quantiles do not add. */
export function addUp(sums: readonly Sum[]): Pick<Sum, 'spans' | 'requests' | 'failed'> {
  return sums.reduce((all, { spans, requests, failed }) => ({ spans: all.spans + spans, requests: all.requests + requests, failed: all.failed + failed }), { spans: 0, requests: 0, failed: 0 })
}
