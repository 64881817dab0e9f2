import type { Attributes } from '#shared/trace/span'
import type { Millis, TimeWindow } from '#shared/units'
import type { Check, SourceHealth, SourceName, SourceWarning } from './source'

export interface LogSource {
  readonly name: SourceName
  readonly capabilities: { fullText: 'prefix' | 'analysed', totals: boolean }
  /** Newest first by nanosecond; every word of `text` must occur, each as a prefix. */
  search: (query: LogQuery, signal?: AbortSignal) => Promise<LogPage>
  /** Counts by level and step over the same matches. */
  histogram: (query: LogQuery, step: Millis, signal?: AbortSignal) => Promise<LogHistogram>
  /** All lines of a trace in time order, at most `limit`. */
  ofTrace: (traceId: string, limit: number, signal?: AbortSignal) => Promise<{ lines: LogLine[], more: boolean, warnings: SourceWarning[] }>
  /** How lines of several traces begin, `longest` characters of each, in no order, at most `limit` of them; for an analysis, not for reading. */
  ofTraces: (query: { traceIds: readonly string[], window: TimeWindow, limit: number, longest: number }, signal?: AbortSignal) => Promise<{ lines: SpanLine[], more: boolean, warnings: SourceWarning[] }>
  /** One line in full, by id. */
  line: (id: string, signal?: AbortSignal) => Promise<LogLine | undefined>
  check: (asked?: Check) => Promise<SourceHealth>
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

export interface LogQuery {
  window: TimeWindow
  text?: string
  services?: string[]
  /** This level and worse. */
  level?: LogLevel
  traceId?: string
  spanId?: string
  attributes?: { key: string, value: string }[]
  cursor?: string
  limit: number
}

export interface LogLine {
  id: string
  /** Nanoseconds since the epoch as decimal text: lines of one millisecond keep their order. */
  nanos: string
  at: Date
  observedAt: Date
  level: LogLevel
  /** As the sender wrote it. */
  levelText: string
  service: string
  body: string
  traceId?: string
  spanId?: string
  attributes: Attributes
  resource: Attributes
  scope?: string
}

/** What of a line says something about the span that wrote it. */
export type SpanLine = Pick<LogLine, 'at' | 'service' | 'level' | 'body'> & { traceId: string, spanId: string }

export interface LogPage {
  lines: LogLine[]
  next?: string
  total: { count: number, atLeast: boolean }
  searchedTo: Date
  warnings: SourceWarning[]
}

export interface LogHistogram {
  steps: { at: Date, counts: Partial<Record<LogLevel, number>> }[]
  step: Millis
  /** Commonest messages among the matches, numbers replaced, at most five. */
  commonest: { message: string, count: number }[]
  warnings: SourceWarning[]
}
