import type { LogLine } from '../../../server/telemetry/ports'
import type { Span } from '../../../shared/trace/span'
import { anyValue, attributes, type Value } from './build'

const kinds = ['', 'internal', 'server', 'client', 'producer', 'consumer']
const statuses = ['unset', 'ok', 'error']
const nanos = (micros: number) => `${BigInt(Math.round(micros)) * 1000n}`

/** Whole spans as an OTLP/JSON request, one resource a span: what a backend's test hands over, ours takes by OTLP. */
export function toTraceRequest(spans: readonly Span[]): { resourceSpans: object[] } {
  return {
    resourceSpans: spans.map(span => ({
      resource: { attributes: attributes({ ...span.resource, 'service.name': span.service } as Record<string, Value>) },
      scopeSpans: [{
        ...(span.scope && { scope: span.scope }),
        spans: [{
          traceId: span.traceId, spanId: span.spanId, ...(span.parentId && { parentSpanId: span.parentId }), ...(span.traceState && { traceState: span.traceState }),
          name: span.name, kind: kinds.indexOf(span.kind), startTimeUnixNano: nanos(span.start), endTimeUnixNano: nanos(span.start + span.duration),
          attributes: attributes(span.attributes as Record<string, Value>),
          status: { code: statuses.indexOf(span.status), ...(span.statusMessage && { message: span.statusMessage }) },
          events: span.events.map(event => ({ timeUnixNano: nanos(event.at), name: event.name, attributes: attributes(event.attributes as Record<string, Value>) })),
          links: span.links.map(link => ({ traceId: link.traceId, spanId: link.spanId, attributes: attributes(link.attributes as Record<string, Value>) })),
        }],
      }],
    })),
  }
}

const severities = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 }

export function toLogRequest(lines: readonly Partial<LogLine>[]): { resourceLogs: object[] } {
  return {
    resourceLogs: lines.map(line => ({
      resource: { attributes: attributes({ ...line.resource, 'service.name': line.service ?? 'shop' } as Record<string, Value>) },
      scopeLogs: [{
        ...(line.scope && { scope: { name: line.scope } }),
        logRecords: [{
          timeUnixNano: line.nanos, severityNumber: severities[line.level ?? 'info'], ...(line.levelText && { severityText: line.levelText }), body: anyValue(line.body ?? ''),
          attributes: attributes(line.attributes as Record<string, Value>), ...(line.traceId && { traceId: line.traceId }), ...(line.spanId && { spanId: line.spanId }),
        }],
      }],
    })),
  }
}
