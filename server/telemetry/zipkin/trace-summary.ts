import { criticalPathByService } from '#shared/trace/critical-path'
import type { Micros } from '#shared/units'
import type { TraceQuery, TraceScatter, TraceSummary } from '../ports'
import type { SpanFacts } from './trace-facts'

/** A trace as a search needs it. */
export interface FoundTrace {
  summary: TraceSummary
  /** What lists are ordered by: the trace's start, or that of the service asked for in it. */
  orderedBy: Micros
  outcome: TraceScatter['points'][number]['outcome']
  /** Spans as Zipkin gave them, copies included. */
  spans: number
  kept?: number
  /** Values of the summary's fields, for what a selection has in common. */
  profile: { field: string, value: string }[]
}

/** One trace of an answer, whether it is what was asked for or not. */
export interface AnsweredTrace {
  traceId: string
  /** When each of its spans began, the latest at most `until`: what Zipkin's own order goes by. */
  latest: Micros
  spans: number
  found?: FoundTrace
}

/** Does the trace match, asked again: storages combine filters in their own ways, and know fewer of them. */
export function matches(facts: readonly SpanFacts[], summary: TraceSummary, query: TraceQuery): boolean {
  const service = query.service?.toLowerCase()
  const own = service === undefined ? facts : facts.filter(({ span }) => span.service === service)
  if (own.length === 0) return false
  if (query.operation !== undefined && !own.some(({ span }) => span.name.toLowerCase() === query.operation!.toLowerCase())) return false
  if ((query.method !== undefined || query.routeKey !== undefined) && !own.some(({ request }) => request && isRequest(request, query))) return false
  if (query.consumer !== undefined && (summary.consumer ?? 'unknown') !== query.consumer) return false
  const duration = summary.rootDuration ?? summary.duration
  if (duration < (query.minDuration ?? 0) || duration > (query.maxDuration ?? Infinity)) return false
  if (query.failed !== undefined && own.some(({ failed }) => failed) !== query.failed) return false
  if (query.statusClass !== undefined && Math.trunc((statusOf(own, summary, service) ?? 0) / 100) !== query.statusClass) return false
  return !query.attributes?.length || facts.some(({ wire }) => query.attributes!.every(({ key, value }) => attributeOf(wire.tags, key) === value))
}

function attributeOf(tags: ReadonlyMap<string, string>, key: string): string | undefined {
  return tags.get(key) ?? (key === 'http.status_code' ? tags.get('http.response.status_code') : undefined)
}

/** Zipkin lower-cases names, not routes, so a route key compares as it is. */
function isRequest(request: NonNullable<SpanFacts['request']>, { method, routeKey }: TraceQuery): boolean {
  return (method === undefined || request.method === method) && (routeKey === undefined || request.routeKey === routeKey)
}

/** Of the service's longest request; without a service of the root. */
function statusOf(own: readonly SpanFacts[], summary: TraceSummary, service: string | undefined): number | undefined {
  if (service === undefined) return summary.status
  return longestRequest(own)?.span.httpStatus
}

function longestRequest(own: readonly SpanFacts[]): SpanFacts | undefined {
  return own.filter(({ request }) => request).reduce<SpanFacts | undefined>((longest, each) => (longest && longest.span.duration >= each.span.duration ? longest : each), undefined)
}

/** `withPath`: whether the critical path is worth working out. Of spans that each came once. */
export function summarise(traceId: string, facts: readonly SpanFacts[], withPath: boolean): TraceSummary {
  const byStart = facts.toSorted((a, b) => a.span.start - b.span.start)
  const startedAt = byStart[0]!.span.start
  const endedAt = facts.reduce((latest, { span }) => Math.max(latest, span.start + span.duration), 0)
  const rooted = byStart.find(({ span }) => span.parentId === undefined && !isAnswering(span.kind, span.spanId, facts))
  const root = rooted ?? byStart[0]!
  const consumer = root.consumer ?? byStart.find(each => each.consumer && each.span.service === root.span.service)?.consumer ?? byStart.find(each => each.consumer)?.consumer
  const failing = facts.filter(({ failed }) => failed)
  const errorType = mostTelling(failing)
  return {
    traceId, startedAt: new Date(startedAt / 1000), duration: endedAt - startedAt, ...(rooted && { rootDuration: rooted.span.duration }),
    root: { service: root.span.service, operation: root.span.name, kind: root.span.kind, ...root.request },
    ...(consumer && { consumer }), ...(root.span.httpStatus !== undefined && { status: root.span.httpStatus }),
    failed: failing.length > 0, ...(errorType && { errorType }), spans: facts.length,
    services: [...new Set(byStart.map(({ span }) => span.service))].filter(Boolean),
    path: withPath ? criticalPathByService(facts.map(({ span }) => span)) : [],
  }
}

/** The answering half of a call whose halves share an id has the caller's parent, and may have none. */
function isAnswering(kind: string, spanId: string, facts: readonly SpanFacts[]): boolean {
  return (kind === 'server' || kind === 'consumer') && facts.some(({ span }) => span.spanId === spanId && (span.kind === 'client' || span.kind === 'producer'))
}

/** What went wrong as its origin says it: a name before a code, a code before nothing, then whatever ended first. */
function mostTelling(failing: readonly SpanFacts[]): string | undefined {
  const words = ({ errorType }: SpanFacts) => (errorType === 'ERROR' ? 1 : /^\d{3}$/.test(errorType!) ? 2 : 3)
  const end = ({ span }: SpanFacts) => span.start + span.duration
  return failing.toSorted((a, b) => words(b) - words(a) || end(a) - end(b))[0]?.errorType
}

export function outcomeOf(summary: TraceSummary): FoundTrace['outcome'] {
  if (summary.failed) return 'failed'
  return summary.status !== undefined && summary.status >= 400 && summary.status < 500 ? 'client-error' : 'ok'
}

/** Of the service asked for, else of the root's: which version and instance, what it did, whom it called. */
export function profileOf(facts: readonly SpanFacts[], summary: TraceSummary, service = summary.root.service): FoundTrace['profile'] {
  const own = facts.filter(({ span }) => span.service === service.toLowerCase())
  const values = new Map<string, { field: string, value: string }>()
  const add = (field: string, value: string | number | undefined) => {
    if (value !== undefined && value !== '') values.set(`${field} ${value}`, { field, value: String(value) })
  }
  add('consumer', summary.consumer ?? 'unknown')
  add('error.type', summary.errorType)
  add('status', longestRequest(own)?.span.httpStatus)
  for (const { span, wire, remote } of own) {
    add('operation', span.name)
    if (remote?.kind === 'address' || remote?.kind === 'service') add('server.address', remote.name)
    for (const field of ['service.version', 'service.instance.id']) if (![...values.values()].some(value => value.field === field)) add(field, wire.tags.get(field))
  }
  return [...values.values()]
}
