import type { Red } from '../ports'
import { quantileOf, type Distribution } from './distribution'

export const quantiles = { p50: 0.5, p95: 0.95, p99: 0.99 } as const
export type Quantile = keyof typeof quantiles
export const quantileNames = Object.keys(quantiles) as Quantile[]

/** One series among those that make a row. */
export type Part = { weight: number } & Partial<Record<Quantile, number>>

/** RED of one row, put together from several answers. */
export class RedSum<Row> {
  requests = 0
  failed = 0
  clientErrors = 0
  duration = 0
  distribution: Distribution = []
  private parts = new Map<string, Part>()
  readonly row: Row
  readonly at: Date | undefined

  constructor(row: Row, at: Date | undefined) {
    this.row = row
    this.at = at
  }

  part(id: string): Part {
    const known = this.parts.get(id) ?? { weight: 0 }
    this.parts.set(id, known)
    return known
  }

  /** `note` is told of a quantile that lies beyond the last bound. */
  red(note: (lastBound: number) => void): Red {
    return {
      spans: Math.round(this.requests), requests: tidy(this.requests), failed: tidy(this.failed), clientErrors: tidy(this.clientErrors), duration: Math.round(this.duration),
      ...Object.fromEntries(quantileNames.map(name => [name, this.quantile(name, note)])),
    }
  }

  private quantile(name: Quantile, note: (lastBound: number) => void): number | undefined {
    if (this.distribution.length) {
      const found = quantileOf(this.distribution, quantiles[name])
      if (found?.beyond) note(found.value)
      return found && Math.round(found.value)
    }
    // Quantiles do not add. Where two spellings of one thing were counted apart, their mean by calls stands for both.
    const parts = [...this.parts.values()].filter(part => part[name] !== undefined)
    const weight = parts.reduce((sum, part) => sum + part.weight, 0)
    return weight > 0 ? Math.round(parts.reduce((sum, part) => sum + part[name]! * part.weight, 0) / weight) : undefined
  }
}

/** Differences of large numbers end in digits that mean nothing. */
function tidy(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
