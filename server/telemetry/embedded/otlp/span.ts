import type { Attributes, Span, SpanEvent, SpanKind, SpanLink } from '#shared/trace/span'
import { readAttributes, readKeyValue } from './any-value'
import { hexOf } from './hex'
import { WireReader } from './wire'

const kinds: SpanKind[] = ['internal', 'internal', 'server', 'client', 'producer', 'consumer']
const statuses = ['unset', 'ok', 'error'] as const

/** Everything a Span message says; what stands around it (trace, service, resource, scope) comes from the store. */
export function readSpan(reader: WireReader, around: Pick<Span, 'traceId' | 'service' | 'resource' | 'scope'>): Span {
  const span: Span = {
    ...around, spanId: '', key: '', name: '', kind: 'internal', start: 0, duration: 0, status: 'unset', attributes: Object.create(null) as Attributes, events: [], links: [],
  }
  let start = 0n
  let end = 0n
  for (let tag = reader.field(); tag; tag = reader.field()) {
    switch (tag) {
      case 18:
        span.spanId = span.key = hexOf(reader.slice())
        break
      case 26:
        span.traceState = reader.text() || undefined
        break
      case 34: {
        const parent = hexOf(reader.slice())
        if (/^(?!0+$)[\da-f]{16}$/.test(parent)) span.parentId = parent
        break
      }
      case 42:
        span.name = reader.text()
        break
      case 48:
        span.kind = kinds[reader.varint()] ?? 'internal'
        break
      case 57:
        start = reader.fixed64()
        break
      case 65:
        end = reader.fixed64()
        break
      case 74:
        readKeyValue(new WireReader(reader.slice()), span.attributes, 0)
        break
      case 90:
        span.events.push(readEvent(new WireReader(reader.slice())))
        break
      case 106:
        span.links.push(readLink(new WireReader(reader.slice())))
        break
      case 122:
        readStatus(new WireReader(reader.slice()), span)
        break
      default:
        reader.skip(tag)
    }
  }
  if (start === 0n) start = end
  span.start = Number(start / 1000n)
  span.duration = end > start ? Number((end - start) / 1000n) : 0
  if (span.traceState === undefined) delete span.traceState
  return span
}

function readEvent(reader: WireReader): SpanEvent {
  const attributes: Uint8Array[] = []
  let at = 0n
  let name = ''
  for (let tag = reader.field(); tag; tag = reader.field()) {
    if (tag === 9) at = reader.fixed64()
    else if (tag === 18) name = reader.text()
    else if (tag === 26) attributes.push(reader.slice())
    else reader.skip(tag)
  }
  return { at: Number(at / 1000n), name, attributes: readAttributes(attributes) }
}

function readLink(reader: WireReader): SpanLink {
  const attributes: Uint8Array[] = []
  let traceId = ''
  let spanId = ''
  for (let tag = reader.field(); tag; tag = reader.field()) {
    if (tag === 10) traceId = hexOf(reader.slice())
    else if (tag === 18) spanId = hexOf(reader.slice())
    else if (tag === 34) attributes.push(reader.slice())
    else reader.skip(tag)
  }
  return { traceId, spanId, attributes: readAttributes(attributes) }
}

function readStatus(reader: WireReader, span: Span) {
  for (let tag = reader.field(); tag; tag = reader.field()) {
    if (tag === 18) span.statusMessage = reader.text()
    else if (tag === 24) span.status = statuses[reader.varint()] ?? 'unset'
    else reader.skip(tag)
  }
}
