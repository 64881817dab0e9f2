import type { Micros } from '../units'

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer'

/** What OTLP calls AnyValue, with 64-bit integers as numbers where they fit and as decimal text where not. */
export type AttributeValue = string | number | boolean | null | AttributeValue[] | { [key: string]: AttributeValue }
export type Attributes = Record<string, AttributeValue>

export interface SpanEvent {
  at: Micros
  name: string
  attributes: Attributes
}

export interface SpanLink {
  traceId: string
  spanId: string
  attributes: Attributes
}

/** One span with everything its sender said, whatever backend it came from. */
export interface Span {
  traceId: string
  /** 16 lower-case hex digits. Not unique in a trace from Zipkin: `key` is. */
  spanId: string
  /** Unique within its trace and stable between reads: the span id, with a suffix where two spans share one. */
  key: string
  /** Absent for a root; may name a span that is not here. */
  parentId?: string
  name: string
  kind: SpanKind
  service: string
  start: Micros
  duration: Micros
  status: 'unset' | 'ok' | 'error'
  statusMessage?: string
  traceState?: string
  attributes: Attributes
  resource: Attributes
  scope?: { name: string, version?: string }
  events: SpanEvent[]
  links: SpanLink[]
}
