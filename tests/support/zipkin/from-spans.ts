import type { AttributeValue, Attributes, Span } from '../../../shared/trace/span'

const asText = (value: AttributeValue) => (typeof value === 'string' ? value : JSON.stringify(value))

/** Spans as the Collector hands them to Zipkin (`pkg/translator/zipkin` 0.155). */
export function toZipkin(spans: readonly Span[]): Record<string, unknown>[] {
  return spans.map((span) => {
    const peer = span.attributes['peer.service'] ?? span.attributes['service.peer.name']
    const address = span.attributes['network.peer.address']
    const tags: Record<string, string> = {
      ...asTexts(span.resource), ...asTexts(span.attributes),
      ...(span.kind === 'internal' && { 'span.kind': 'internal' }),
      ...(span.status === 'error' && { 'error': 'true', 'otel.status_code': 'STATUS_CODE_ERROR' }), ...(span.status === 'ok' && { 'otel.status_code': 'STATUS_CODE_OK' }),
      ...(span.statusMessage && { 'otel.status_description': span.statusMessage }),
      ...(span.traceState && { 'w3c.tracestate': span.traceState }),
      ...(span.scope && { 'otel.library.name': span.scope.name, ...(span.scope.version && { 'otel.library.version': span.scope.version }) }),
      ...Object.fromEntries(span.links.map((link, i) => [`otlp.link.${i}`, `${link.traceId}|${link.spanId}||${JSON.stringify(link.attributes)}|0`])),
    }
    if (tags['http.response.status_code']) tags['http.status_code'] = tags['http.response.status_code']
    const taken = ['peer.service', 'service.peer.name', 'network.peer.address']
    return {
      traceId: span.traceId, id: span.spanId, ...(span.parentId && { parentId: span.parentId }), name: span.name, ...(span.kind !== 'internal' && { kind: span.kind.toUpperCase() }),
      timestamp: span.start, ...(span.duration > 0 && { duration: span.duration }), localEndpoint: { serviceName: span.service },
      ...((peer || address) && { remoteEndpoint: { ...(peer && { serviceName: asText(peer) }), ...(address && { ipv4: asText(address) }) } }),
      annotations: span.events.map(event => ({ timestamp: event.at, value: Object.keys(event.attributes).length ? `${event.name}|${JSON.stringify(event.attributes)}|0` : event.name })),
      tags: Object.fromEntries(Object.entries(tags).filter(([key]) => !taken.includes(key))),
    }
  })
}

function asTexts(attributes: Attributes): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, asText(value)]))
}
