import type { Attributes, SpanKind } from '#shared/trace/span'
import type { Micros, Millis, TimeWindow } from '#shared/units'
import type { PromqlSource } from './promql-source'
import type { Answer, Check, SourceHealth, SourceName } from './source'

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
