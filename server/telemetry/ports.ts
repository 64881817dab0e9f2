import { AppError, type ErrorParams } from '#shared/errors'
import type { Attributes, Span, SpanKind } from '#shared/trace/span'
import type { Traces } from '#shared/trace/trace-columns'
import type { Micros, Millis, TimeWindow } from '#shared/units'

/**
 * What rooms may ask of telemetry, by question and not by protocol. The embedded store answers all three; Zipkin,
 * Prometheus and Elasticsearch can each take the place of one. Unknown is `undefined`, none is `[]`, a source that
 * cannot answer throws `AppError('source.unavailable')`; one that answers in part says so in `warnings`.
 */

/** Which requests a number stands for; shown beside every figure. */
export type Population
  = | { kind: 'all' }
    /** Scaled up from samples whose ratio is known. */
    | { kind: 'estimated' }
    /** The traces that were kept; `rate` is the effective sampling ratio (0..1] where it is known. */
    | { kind: 'kept', rate?: number }

export interface SourceWarning {
  source: SourceName
  /** `unavailable`, or a code of the text catalogue (`source.warning.<code>`), with what fills it. */
  code: string
  params?: Record<string, string | number>
  since?: Date
}

/** What an answer says of a source that threw, and so is missing from it. */
export function unavailable(source: SourceName, error: unknown): SourceWarning {
  const { source: _, since, ...params } = error instanceof AppError ? error.params : {}
  const filled = Object.entries(params).filter((entry): entry is [string, string | number] => typeof entry[1] === 'string' || typeof entry[1] === 'number')
  return { source, code: 'unavailable', ...(filled.length && { params: Object.fromEntries(filled) }), ...(typeof since === 'string' && { since: new Date(since) }) }
}

export interface Answer<T> {
  data: T
  population: Population
  warnings: SourceWarning[]
}

export type SourceName = 'embedded' | 'zipkin' | 'prometheus' | 'elasticsearch'

/** How a source is asked how it is; the answer never throws. */
export interface Check {
  /** Nothing that was found out before is believed: somebody has mended something. */
  anew?: boolean
  signal?: AbortSignal
}

export interface SourceHealth {
  state: 'ok' | 'late' | 'failed' | 'idle'
  /** Newest datum held, by the sender's clock. */
  lastReceived?: Date
  latency: Millis
  /** What is wrong, when anything is: the `params` of what the source would throw. */
  trouble?: ErrorParams
  /** Of the backend's program. */
  version?: string
  /** What was found out about the backend: codes of the text catalogue (`source.found.<code>`) with what fills them. */
  found?: { code: string, params?: Record<string, string | number> }[]
  /** How far the backend's clock is ahead of ours, ms; negative: behind. */
  clockAhead?: Millis
}

// ── Traces ──────────────────────────────────────────────────────────────────────────────────────────────────────

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

// ── Metrics (RED) ───────────────────────────────────────────────────────────────────────────────────────────────

export interface MetricSource {
  readonly name: SourceName
  /** Some are known only once the source was looked at: they are read when they are needed, never copied. */
  readonly capabilities: { promql: boolean, exemplars: boolean, byConsumer: boolean, points: boolean, errors: boolean }
  /** Where `promql` is true: queries as people write them. */
  readonly promql?: PromqlSource
  /** RED of requests (SERVER and CONSUMER spans), one grouped question for all groups. */
  requests: (query: RequestsQuery, signal?: AbortSignal) => Promise<Answer<RequestsRow[]>>
  /** RED of operations: every span by service, name, kind and remote. CLIENT rows are edges, measured by the caller. */
  operations: (query: OperationsQuery, signal?: AbortSignal) => Promise<Answer<OperationsRow[]>>
  /** How long the calls of one operation took: classes by rising duration, which do not overlap, without the empty ones. */
  durations: (query: DurationsQuery, signal?: AbortSignal) => Promise<Answer<DurationClass[]>>
  /** Every (service, method, route key) that ever received a request, with when. */
  seen: (filter?: { service?: string, since?: Date }, signal?: AbortSignal) => Promise<SeenRoute[]>
  /** Every service ever seen, with when, and its newest resource facts. */
  services: (signal?: AbortSignal) => Promise<SeenService[]>
  /** Failing spans grouped by error type and message, newest first by count. */
  errors: (query: { window: TimeWindow, service: string, limit: number, step?: Millis }, signal?: AbortSignal) => Promise<Answer<ErrorGroup[]>>
  /** Traces near the quantiles of each step, to be opened from a chart. */
  exemplars: (query: RequestsQuery & { step: Millis }, signal?: AbortSignal) => Promise<Exemplar[]>
  /** The services' own metrics: names held, and points of one. */
  metricNames: (service: string, signal?: AbortSignal) => Promise<{ name: string, unit: string, kind: string }[]>
  points: (query: { window: TimeWindow, service: string, metric: string, step: Millis }, signal?: AbortSignal) => Promise<MetricSeries[]>
  check: (asked?: Check) => Promise<SourceHealth>
}

export interface Red {
  /** Spans counted. */
  spans: number
  /** Requests they stand for: the sum of 1/p. Equals `spans` where nothing was sampled. */
  requests: number
  failed: number
  /** Answers 400..499. */
  clientErrors: number
  /** Total duration of all requests; mean = duration / requests. */
  duration: Micros
  /** Quantiles within 5 % relative error; undefined when there were no requests. */
  p50?: Micros
  p95?: Micros
  p99?: Micros
}

export type RequestsDimension = 'service' | 'method' | 'routeKey' | 'consumer' | 'statusClass'
export interface RequestsQuery {
  window: TimeWindow
  groupBy: RequestsDimension[]
  where?: Partial<Record<Exclude<RequestsDimension, 'statusClass'>, string>>
  /** Splits the window into steps, each row then has `at` = the step's start; steps without requests are absent. */
  step?: Millis
  /** The reader wants to know how many: durations and quantiles may be left out, which some sources have to ask for apart. */
  countsOnly?: boolean
  /** Grouped by service, method and route key: rows of these routes say how many requests took longer than their limit. */
  beyond?: readonly { service: string, method: string, routeKey: string, limit: Micros }[]
}
/** Only the dimensions of `groupBy` are set. `consumer` is 'unknown' where nobody named one. `method` is '' for CONSUMER spans. */
export interface RequestsRow extends Red {
  service?: string
  method?: string
  routeKey?: string
  consumer?: string
  statusClass?: number
  at?: Date
  /** Longer than the limit in `beyond`, failed or not; undefined where none was given or the source cannot tell, as from step to step. */
  slow?: number
}

export type OperationsDimension = 'service' | 'operation' | 'kind' | 'remote' | 'statusClass'
export interface OperationsQuery {
  window: TimeWindow
  groupBy: OperationsDimension[]
  where?: { service?: string, operation?: string, kind?: SpanKind, remote?: string }
  step?: Millis
}
export interface OperationsRow extends Red {
  service?: string
  operation?: string
  kind?: SpanKind
  /** Callee: a service's name where the trace showed who answered, else peer, database or destination as sent. '' if none. */
  remote?: string
  /** What `remote` is, when grouped by it. */
  remoteKind?: 'service' | 'database' | 'messaging' | 'address'
  statusClass?: number
  at?: Date
}

export interface DurationsQuery {
  window: TimeWindow
  /** `operation` as sent; `remote` as its sender names the callee, or the name of the service that answers there. */
  where: { service: string, operation: string, kind: SpanKind, remote?: string }
}
/** Calls that took longer than `from` and up to `to`; within 10 % of each other where the source can tell them apart. */
export interface DurationClass {
  from: Micros
  to: Micros
  requests: number
}

export interface SeenRoute {
  service: string
  method: string
  routeKey: string
  firstSeen: Date
  lastSeen: Date
  /** A real path of it, ids and all, where the sender gave one. */
  samplePath?: string
}

export interface SeenService {
  service: string
  namespace?: string
  firstSeen: Date
  lastSeen: Date
  /** Newest `service.version`, and when each version was first seen. */
  versions: { version: string, firstSeen: Date, lastSeen: Date }[]
  instances: number
  language?: string
}

export interface ErrorGroup {
  errorType: string
  message: string
  operation: string
  count: number
  firstSeen: Date
  lastSeen: Date
  /** Newest trace with it. */
  traceId: string
  series?: { at: Date, count: number }[]
}

export interface Exemplar {
  at: Date
  duration: Micros
  traceId: string
  spanId: string
  failed: boolean
}

export interface MetricSeries {
  attributes: Attributes
  unit: string
  points: { at: Date, value: number }[]
}

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

// ── Logs ────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface LogSource {
  readonly name: SourceName
  readonly capabilities: { fullText: 'prefix' | 'analysed', totals: boolean }
  /** Newest first by nanosecond; every word of `text` must occur, each as a prefix. */
  search: (query: LogQuery, signal?: AbortSignal) => Promise<LogPage>
  /** Counts by level and step over the same matches. */
  histogram: (query: LogQuery, step: Millis, signal?: AbortSignal) => Promise<LogHistogram>
  /** All lines of a trace in time order, at most `limit`. */
  ofTrace: (traceId: string, limit: number, signal?: AbortSignal) => Promise<{ lines: LogLine[], more: boolean, warnings: SourceWarning[] }>
  /** What lines of several traces say, in no order, at most `limit` of them; for an analysis, not for reading. */
  ofTraces: (query: { traceIds: readonly string[], window: TimeWindow, limit: number }, signal?: AbortSignal) => Promise<{ lines: SpanLine[], more: boolean, warnings: SourceWarning[] }>
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
