import type { Micros } from '../units'
import type { Span, SpanKind } from './span'

/**
 * The little of a span that its tree, its times and its row need. A store produces it straight from its segments,
 * without building the attributes of a `Span`; the rest is fetched when somebody looks at the span.
 */
export interface SkeletonSpan {
  /** 16 lower-case hex digits; client and server may share one (Zipkin). */
  spanId: string
  /** Absent for a root; may name a span that is not here. */
  parentId?: string
  name: string
  kind: SpanKind
  service: string
  /** Whose clock wrote the times: `host.name`, else `service.instance.id`. Without it the service counts as one clock. */
  host?: string
  /** Microseconds since the epoch, as sent. */
  start: Micros
  duration: Micros
  status: Span['status']
  httpStatus?: number
  /** `error.type`, else the type of the exception event. Only read where the span failed. */
  errorType?: string
  /** `db.system`, `messaging.system`, `rpc.system`… as sent: the pill at the end of the row. */
  system?: string
  /** Whom a CLIENT or PRODUCER span calls, as its sender named it: peer service, server address, database, destination. */
  remote?: string
}

/**
 * Failed is a span answered 500 or more, or one with status ERROR where there is no HTTP status. 4xx is a class of
 * its own, whatever the span's status says.
 */
export function hasFailed(span: Pick<SkeletonSpan, 'status' | 'httpStatus'>): boolean {
  return span.httpStatus === undefined ? span.status === 'error' : span.httpStatus >= 500
}
