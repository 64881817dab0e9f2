import type { IncidentExemplar } from '#shared/schemas/full-incident'
import { columnFacts } from '#shared/trace/column-facts'
import { criticalPathByService } from '#shared/trace/critical-path'
import { decodeSkeleton, encodeSkeleton, type Skeleton } from '#shared/trace/skeleton'
import type { SkeletonSpan } from '#shared/trace/skeleton-span'
import type { Span } from '#shared/trace/span'
import { FAILED } from '#shared/trace/span-table'

/** What the list of exemplars shows of a trace. */
export type Described = Pick<IncidentExemplar, 'startedAt' | 'duration' | 'status' | 'failed' | 'consumer' | 'path'>

/** Spans are kept as they were sent and packed when they are read: no release has to read another one's bytes. */
export function packTrace(spans: readonly Span[]): ArrayBuffer {
  return encodeSkeleton(skeletonSpansOf(spans))
}

function skeletonSpansOf(spans: readonly Span[]): SkeletonSpan[] {
  return spans.map((span) => {
    const { httpStatus, errorType, remote } = columnFacts(span)
    const host = span.resource['host.name'] ?? span.resource['service.instance.id']
    const system = span.attributes['db.system.name'] ?? span.attributes['db.system'] ?? span.attributes['messaging.system'] ?? span.attributes['rpc.system']
    return {
      spanId: span.spanId, ...(span.parentId !== undefined && { parentId: span.parentId }), name: span.name, kind: span.kind, service: span.service,
      start: span.start, duration: span.duration, status: span.status,
      ...(typeof host === 'string' && { host }), ...(httpStatus !== undefined && { httpStatus }), ...(errorType !== undefined && { errorType }),
      ...(typeof system === 'string' && { system }), ...(remote !== undefined && { remote }),
    }
  })
}

export function describeSpans(spans: readonly Span[], consumerAttributes: readonly string[]): Described | undefined {
  const trace: Skeleton = decodeSkeleton(packTrace(spans))
  if (trace.main < 0) return undefined
  const { main } = trace
  const status = trace.httpStatusOf(main)
  return {
    startedAt: new Date((trace.base + trace.start[main]! * trace.tick) / 1_000).toISOString(),
    duration: trace.duration[main]! * trace.tick,
    status: status ?? null,
    failed: (trace.flags[main]! & FAILED) !== 0,
    consumer: findConsumer(spans, trace.keyOf(main), consumerAttributes),
    path: criticalPathByService(skeletonSpansOf(spans)),
  }
}

/** On the request itself, else on any span of the trace. */
function findConsumer(spans: readonly Span[], main: string, attributes: readonly string[]): string | null {
  const of = (span: Span | undefined) => attributes.map(name => span?.attributes[name]).find(value => typeof value === 'string' && value !== '')
  const found = of(spans.find(({ key }) => key === main)) ?? spans.map(of).find(value => value !== undefined)
  return typeof found === 'string' ? found : null
}
