import type { DiagnosisInput } from '../../server/diagnosis/diagnosis'
import { TraceCollector } from '../../server/diagnosis/diagnosis'
import type { SkeletonSpan } from '../../shared/trace/skeleton-span'
import type { Attributes, Span } from '../../shared/trace/span'

/** Microseconds since the epoch at which every test's onset lies. */
export const onset = 1_767_225_600_000_000
const MS = 1_000

/** A span as its sender says it, from the little that a drawing holds. */
export function toSpan({ spanId, parentId, name, kind, service, host, start, duration, status, httpStatus, errorType, remote }: SkeletonSpan, traceId: string): Span {
  const attributes: Attributes = {}
  if (httpStatus !== undefined) attributes['http.response.status_code'] = httpStatus
  if (errorType !== undefined) attributes['error.type'] = errorType
  if (remote !== undefined) attributes[kind === 'client' ? 'server.address' : 'messaging.destination.name'] = remote
  return {
    traceId, spanId, key: spanId, ...(parentId !== undefined && { parentId }), name, kind, service, start, duration, status,
    attributes, resource: { 'service.name': service, ...(host !== undefined && { 'host.name': host }) }, events: [], links: [],
  }
}

/** One call of a request, in milliseconds from the request's start; children inside. */
export interface Call {
  service: string
  name: string
  kind?: Span['kind']
  from: number
  to: number
  remote?: string
  failed?: boolean
  attributes?: Attributes
  resource?: Attributes
  inside?: Call[]
}

/** The spans of one request that began at some moment. */
export function request(traceId: string, at: number, call: Call): Span[] {
  const spans: Span[] = []
  const open: { call: Call, parentId?: string }[] = [{ call }]
  for (const { call: { service, name, kind = 'server', from, to, remote, failed, attributes, resource, inside = [] }, parentId } of open) {
    const spanId = (spans.length + 1).toString(16).padStart(16, '0')
    spans.push({
      traceId, spanId, key: spanId, ...(parentId !== undefined && { parentId }), name, kind, service,
      start: at + Math.round(from * MS), duration: Math.round((to - from) * MS), status: failed ? 'error' : 'unset',
      attributes: { ...attributes, ...(remote !== undefined && { 'server.address': remote }) }, resource: { 'service.name': service, ...resource }, events: [], links: [],
    })
    open.push(...inside.map(inner => ({ call: inner, parentId: spanId })))
  }
  return spans
}

/** Requests from ten minutes before the onset to a minute after it, one a second unless told otherwise. */
export function requests(make: (index: number, isIncident: boolean) => Call, { before = 600, after = 60, every = 1 }: { before?: number, after?: number, every?: number } = {}): Span[][] {
  const all: Span[][] = []
  for (let second = -before; second < after; second += every) {
    all.push(request(all.length.toString(16).padStart(32, '0'), onset + second * 1_000 * MS, make(all.length, second >= 0)))
  }
  return all
}

export function collect(traces: readonly Span[][], weight = 1) {
  const collector = new TraceCollector()
  for (const [index, spans] of traces.entries()) collector.add(spans[0]?.traceId ?? index.toString(16).padStart(32, '0'), spans, weight)
  return collector.done()
}

export function inputOf(traces: readonly Span[][], rest: Partial<DiagnosisInput> = {}): DiagnosisInput {
  return { at: onset + 75_000 * MS, symptoms: [], series: [], traces: collect(traces), logs: [], changes: [], excluded: [], ...rest }
}

/** Between 0.85 and 1.15, different for each number and always the same for one. */
export function jitter(index: number): number {
  return 0.85 + 0.3 * ((index * 7_919 % 997) / 997)
}
