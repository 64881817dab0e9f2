/** Builders of OTLP/JSON requests, as other languages' SDKs send them. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value }

export interface SentSpan {
  traceId?: string
  spanId: string
  parentSpanId?: string
  name?: string
  kind?: number
  /** Milliseconds from the base of the request. */
  from?: number
  to?: number
  attributes?: Record<string, Value>
  status?: { code?: number, message?: string }
  traceState?: string
  events?: { at?: number, name: string, attributes?: Record<string, Value> }[]
  links?: { traceId: string, spanId: string, attributes?: Record<string, Value> }[]
  [field: string]: unknown
}

export interface SentService {
  service?: string
  resource?: Record<string, Value>
  scope?: { name: string, version?: string }
}

export const base = new Date('2026-11-23T05:32:00Z').getTime()
export const traceId = (n: number | string) => typeof n === 'number' ? `a${n.toString(16).padStart(31, '0')}` : n.padStart(32, '0')
export const spanId = (n: number) => `b${n.toString(16).padStart(15, '0')}`

export function nanos(at: number): string {
  return (BigInt(Math.round(at * 1000)) * 1000n).toString()
}

export function anyValue(value: Value): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } }
  return value === null ? {} : { kvlistValue: { values: attributes(value) } }
}

export function attributes(values: Record<string, Value> = {}): object[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }))
}

const resourceOf = ({ service = 'shop', resource = {} }: SentService) => ({ attributes: attributes({ 'service.name': service, ...resource }) })

export function traceRequest(sender: SentService, spans: SentSpan[], at = base): { resourceSpans: object[] } {
  return {
    resourceSpans: [{
      resource: resourceOf(sender),
      scopeSpans: [{
        ...(sender.scope && { scope: sender.scope }),
        spans: spans.map(({ from = 0, to = from + 10, attributes: values, events, links, ...span }) => ({
          traceId: traceId(1), name: 'work', kind: 1, startTimeUnixNano: nanos(at + from), endTimeUnixNano: nanos(at + to), attributes: attributes(values), status: {}, ...span,
          ...(events && { events: events.map(event => ({ timeUnixNano: nanos(at + (event.at ?? from)), name: event.name, attributes: attributes(event.attributes) })) }),
          ...(links && { links: links.map(link => ({ ...link, attributes: attributes(link.attributes) })) }),
        })),
      }],
    }],
  }
}

export interface SentLog {
  /** Milliseconds from the base. */
  at?: number
  body?: Value
  severity?: number
  severityText?: string
  traceId?: string
  spanId?: string
  attributes?: Record<string, Value>
  [field: string]: unknown
}

export function logRequest(sender: SentService, lines: SentLog[], start = base): { resourceLogs: object[] } {
  return {
    resourceLogs: [{
      resource: resourceOf(sender),
      scopeLogs: [{
        ...(sender.scope && { scope: sender.scope }),
        logRecords: lines.map(({ at = 0, body = 'hello', severity = 9, severityText, attributes: values, ...rest }) => ({
          timeUnixNano: nanos(start + at), observedTimeUnixNano: nanos(start + at + 1), severityNumber: severity, ...(severityText && { severityText }), body: anyValue(body), attributes: attributes(values), ...rest,
        })),
      }],
    }],
  }
}

export function metricRequest(sender: SentService, metrics: object[]): { resourceMetrics: object[] } {
  return { resourceMetrics: [{ resource: resourceOf(sender), scopeMetrics: [{ metrics }] }] }
}
