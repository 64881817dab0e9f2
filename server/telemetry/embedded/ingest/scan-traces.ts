import { WireReader } from '../otlp/wire'
import { WireWriter } from '../otlp/wire-writer'
import type { AttributeKeys } from './attribute-keys'
import { cleanMessage, spanLayout } from './clean'
import type { ResourceFacts, ScopeFacts, SpanFacts, TraceGroup } from './facts'
import { BodyTooLarge, mostAhead, mostItems, Rejections, type RejectReason } from './rejections'
import { scanEnvelope } from './scan-envelope'
import type { Resources } from './scan-resource'
import { SpanScanner, word } from './scan-span'
import type { Texts } from './texts'

export interface ScanLimits {
  /** Wall clock, ms. */
  now: number
  /** Days of items that are kept. */
  days: number
  /** Whether the sender's key may write for a service. */
  allows: (service: string) => boolean
}

export interface TraceBatch {
  groups: TraceGroup[]
  rejected: Rejections
}

/** Reads an ExportTraceServiceRequest into spans by trace. */
export class TraceScanner {
  private scanner: SpanScanner
  private writer = new WireWriter()
  private keys: AttributeKeys
  private resources: Resources

  constructor({ keys, texts, resources }: { keys: AttributeKeys, texts: Texts, resources: Resources }) {
    this.scanner = new SpanScanner({ keys, texts })
    this.keys = keys
    this.resources = resources
  }

  scan(bytes: Uint8Array, limits: ScanLimits): TraceBatch {
    const groups = new Groups()
    const rejected = new Rejections()
    let seen = 0
    scanEnvelope(bytes, { resources: this.resources, keys: this.keys }, (reader, resource, scope) => {
      if (++seen > mostItems) throw new BodyTooLarge(`more than ${mostItems} spans`)
      if (!limits.allows(resource.service)) return rejected.add(resource.service, 'service_not_allowed')
      const span = this.span(reader, resource, scope, limits)
      if (typeof span === 'string') rejected.add(resource.service, span)
      else groups.add(reader.bytes, this.scanner.traceAt, this.scanner.traceSize, span)
    })
    return { groups: groups.list, rejected }
  }

  private span({ bytes, at, end }: WireReader, resource: ResourceFacts, scope: ScopeFacts, { now, days }: ScanLimits): SpanFacts | RejectReason {
    const { scanner } = this
    const span = scanner.read(bytes, at, end, resource, scope)
    if (!isTraceId(bytes, scanner.traceAt, scanner.traceSize) || scanner.idSize !== 8 || (span.idHigh === 0 && span.idLow === 0)) return 'invalid_id'
    if (span.start === 0) return 'no_time'
    // By its end, which is when it is counted: nobody would ever take such a step away again.
    if (span.start + span.duration > (now + mostAhead) * 1000) return 'in_the_future'
    if (span.start < (now - days * 86_400_000) * 1000) return 'too_old'
    if (scanner.unclean) {
      cleanMessage(new WireReader(bytes, at, end), this.writer.reset(), spanLayout, this.keys)
      span.bytes = this.writer.take()
      span.from = 0
      span.to = span.bytes.length
    }
    return span
  }
}

/** Spans by trace; those of one trace mostly follow each other. */
class Groups {
  readonly list: TraceGroup[] = []
  private byHash = new Map<number, TraceGroup>()
  private last: TraceGroup | undefined

  /** 16 bytes stand at `at`, or 8 as of old, which are the lower half. */
  add(bytes: Uint8Array, at: number, size: number, span: SpanFacts): void {
    if (this.last === undefined || size !== 16 || !isSameAt(this.last.traceId, bytes, at)) this.last = this.find(traceIdAt(bytes, at, size))
    this.last.spans.push(span)
  }

  private find(traceId: Uint8Array): TraceGroup {
    const hash = hashOf(traceId)
    const known = this.byHash.get(hash)
    if (known && isSameId(known.traceId, traceId)) return known
    // Two traces of one hash: made so by somebody, and slow for nobody else.
    const twin = known && this.list.find(other => isSameId(other.traceId, traceId))
    if (twin) return twin
    const group = { traceId, hash, spans: [] }
    if (!known) this.byHash.set(hash, group)
    this.list.push(group)
    return group
  }
}

function isTraceId(bytes: Uint8Array, at: number, size: number): boolean {
  if (size !== 16 && size !== 8) return false
  for (let i = at; i < at + size; i++) if (bytes[i] !== 0) return true
  return false
}

function traceIdAt(bytes: Uint8Array, at: number, size: number): Uint8Array {
  const id = new Uint8Array(16)
  for (let i = 0; i < size; i++) id[16 - size + i] = bytes[at + i]!
  return id
}

/** 53 bits of a random id. */
export function hashOf(traceId: Uint8Array): number {
  const low = word(traceId, 12) ^ word(traceId, 0)
  const high = word(traceId, 8) ^ word(traceId, 4)
  return (high & 0x1FFFFF) * 4294967296 + (low >>> 0)
}

function isSameAt(id: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 15; i >= 0; i--) if (id[i] !== bytes[at + i]) return false
  return true
}

function isSameId(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 15; i >= 0; i--) if (a[i] !== b[i]) return false
  return true
}
