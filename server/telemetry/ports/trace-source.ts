import type { Span, SpanKind } from '#shared/trace/span'
import type { Traces } from '#shared/trace/trace-columns'
import type { Micros, TimeWindow } from '#shared/units'
import type { Check, Population, SourceHealth, SourceName, SourceWarning } from './source'

export interface TraceSource {
  readonly name: SourceName
  readonly capabilities: {
    /** How `attribute = value` is found: `scanned` reads segments newest first within a budget. */
    attributes: 'indexed' | 'scanned'
    durationFilter: boolean
    totals: boolean
    /** Whether it knows who calls whom by itself. */
    dependencies: boolean
    /** What failed traces are found by: what became of their requests, or a tag that a sender must have set. */
    failed: 'outcome' | 'tag'
    /** Attribute values keep their type, or are all text. */
    values: 'typed' | 'text'
    /** Names as sent, or in lower case. */
    names: 'sent' | 'lower'
    /** What a search reads of each trace it finds: a summary, or all of it, which makes many dear. */
    found: 'summaries' | 'traces'
  }
  /** The whole trace as a columnar skeleton (shared/trace/skeleton.ts), or undefined where it is not held. */
  skeleton: (traceId: string, signal?: AbortSignal) => Promise<TraceSkeletonAnswer | undefined>
  /** Everything one span's sender said. `key` as in the skeleton. */
  span: (traceId: string, key: string, signal?: AbortSignal) => Promise<Span | undefined>
  /** The same of several, in the order of their keys; one that is not held is left out. */
  spansByKey: (traceId: string, keys: readonly string[], signal?: AbortSignal) => Promise<Span[]>
  /** All spans in arrival order, for export; ends early when the reader does. */
  spans: (traceId: string, signal?: AbortSignal) => AsyncIterable<Span>
  /** Newest first, stable while paging: `cursor` continues exactly where the last page ended. */
  search: (query: TraceQuery, signal?: AbortSignal) => Promise<TracePage>
  /** Up to `limit` dots for the scatter, evenly thinned over the window when more match. */
  scatter: (query: TraceQuery, limit: number, signal?: AbortSignal) => Promise<TraceScatter>
  /** How often each value of the summary's fields occurs among the matching traces: what a selection has in common. */
  profile: (query: TraceQuery, signal?: AbortSignal) => Promise<TraceProfile>
  /**
   * Whole traces for an analysis, as columns. Where more match than are wanted, failed, slow and other ones are drawn
   * apart, each evenly over its window; a trace's weight says how many requests it stands for. Ends where its budget of
   * time and bytes does, with what was read until then.
   */
  batch: (query: TraceBatchQuery, signal?: AbortSignal) => Promise<TraceBatch>
  /** Who called whom how often, as the backend counted; undefined where it has counted nothing, or never does. */
  dependencies: (window: TimeWindow, signal?: AbortSignal) => Promise<ServiceEdge[] | undefined>
  check: (asked?: Check) => Promise<SourceHealth>
}

/** Among kept traces. */
export interface ServiceEdge {
  parent: string
  child: string
  calls: number
  errors: number
}

export interface TraceSkeletonAnswer {
  /** The packed bytes of `encodeSkeleton`; the receiver owns them. */
  bytes: ArrayBuffer
  /** When the newest span of it arrived here; younger than about 60 s means *settling*. */
  lastArrival: Date
  warnings: SourceWarning[]
}

export interface TraceQuery {
  window: TimeWindow
  /** Lower-case; matches traces in which this service took part. */
  service?: string
  operation?: string
  /** A request (SERVER or CONSUMER span) of this method and route key is in the trace. */
  method?: string
  routeKey?: string
  consumer?: string
  minDuration?: Micros
  maxDuration?: Micros
  /** True: only traces with a failed request or an ERROR span of `service` (of any service without one). */
  failed?: boolean
  /** HTTP status class of the request, e.g. 4 for 4xx. */
  statusClass?: number
  attributes?: { key: string, value: string }[]
  /** Opaque, from the page before. */
  cursor?: string
  limit: number
}

export interface TraceSummary {
  traceId: string
  startedAt: Date
  /** First start to last end over all spans held. */
  duration: Micros
  /** The root span's own duration; what the consumer waited for. Undefined while the root has not arrived. */
  rootDuration?: Micros
  root: { service: string, operation: string, method?: string, routeKey?: string, kind: SpanKind }
  consumer?: string
  /** HTTP status of the root request. */
  status?: number
  failed: boolean
  errorType?: string
  spans: number
  services: string[]
  /** Critical path by service in order of first appearance; sums to the root's duration. */
  path: { service: string, micros: Micros }[]
}

export interface TracePage {
  traces: TraceSummary[]
  /** Undefined when nothing older matches within the window. */
  next?: string
  /** Matches counted so far; `atLeast` when counting stopped at a budget. */
  total: { count: number, atLeast: boolean }
  /** How far back was looked; later than `window.from` when a budget ended the search. */
  searchedTo: Date
  population: Population
  warnings: SourceWarning[]
}

export interface TraceScatter {
  points: { traceId: string, startedAt: Date, duration: Micros, outcome: 'ok' | 'client-error' | 'failed' }[]
  counts: { ok: number, clientError: number, failed: number }
  thinned: boolean
  /** Counting stopped at a budget: there are more. */
  atLeast: boolean
}

export interface TraceBatchQuery {
  /** Populations of their own; a trace that belongs to several is given with the first. */
  parts: TraceBatchPart[]
}

/** Of the traces that began in the window, at most `limit`. */
export interface TraceBatchPart {
  window: TimeWindow
  limit: number
  /** Traces with one of these requests or operations; empty: whatever there is. */
  of: { service: string, method?: string, routeKey?: string, operation?: string }[]
}

export interface TraceBatch {
  /** Part by part, in the order of the question. The receiver owns their memory. */
  traces: Traces
  /** How many match, as far as that is known, and how many of them are here. */
  parts: { matched: number, read: number, /** Later than asked where a budget ended the search. */ searchedTo: Date }[]
  population: Population
  warnings: SourceWarning[]
}

export interface TraceProfile {
  traces: number
  /** Fields: error.type, consumer, service.version, status, operation, service.instance.id, server.address. */
  values: { field: string, value: string, traces: number }[]
}
