import type { Millis } from '#shared/units'
import type { SourceWarning } from './source'

/** A query language of the source's own. What it says against a query is `AppError('metrics.refused')`. */
export interface PromqlSource {
  instant: (query: string, at: Date, signal?: AbortSignal) => Promise<PromqlAnswer>
  /** Evaluated at `from` and every `step` after it, up to `to`. */
  range: (query: string, range: { from: Date, to: Date, step: Millis }, signal?: AbortSignal) => Promise<PromqlAnswer>
  labelNames: (chosen: PromqlSelection, signal?: AbortSignal) => Promise<string[]>
  labelValues: (label: string, chosen: PromqlSelection, signal?: AbortSignal) => Promise<string[]>
  /** In the way its authors write it. */
  format: (query: string, signal?: AbortSignal) => Promise<string>
  /** Queries to begin with, of what the source was found to hold, by code. */
  examples: () => Promise<{ code: string, query: string }[]>
  /** What metrics say of themselves, of at most `limit` metrics. */
  metadata: (limit: number, signal?: AbortSignal) => Promise<{ name: string, type: string, help: string, unit: string }[]>
}

export interface PromqlSelection {
  /** A selector that the series must fit. */
  match?: string
  from?: Date
  to?: Date
  limit?: number
}

export interface PromqlAnswer {
  kind: 'vector' | 'matrix' | 'scalar' | 'string'
  series: {
    labels: Readonly<Record<string, string>>
    /** `at` in seconds; no value where the answer is not a number. Histograms as the backend holds them. */
    points: { at: number, value?: number, histogram?: { count: number, sum: number, classes: { from: number, to: number, count: number }[] } }[]
  }[]
  warnings: SourceWarning[]
}
