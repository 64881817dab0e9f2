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
      const answer = this.span(reader, resource, scope, limits)
      if (typeof answer === 'string') rejected.add(resource.service, answer)
      else groups.add(answer.traceId, answer.span)
    })
    return { groups: groups.list, rejected }
  }

  private span({ bytes, at, end }: WireReader, resource: ResourceFacts, scope: ScopeFacts, { now, days }: ScanLimits): { traceId: Uint8Array, span: SpanFacts } | RejectReason {
    const { scanner } = this
    const span = scanner.read(bytes, at, end, resource, scope)
    const traceId = traceIdOf(bytes, scanner.traceAt, scanner.traceSize)
    if (!traceId || scanner.idSize !== 8 || (span.idHigh === 0 && span.idLow === 0)) return 'invalid_id'
    if (span.start === 0) return 'no_time'
    if (span.start > (now + mostAhead) * 1000) return 'in_the_future'
    if (span.start < (now - days * 86_400_000) * 1000) return 'too_old'
    if (scanner.unclean) {
      cleanMessage(new WireReader(bytes, at, end), this.writer.reset(), spanLayout, this.keys)
      span.bytes = this.writer.take()
      span.from = 0
      span.to = span.bytes.length
    }
    return { traceId, span }
  }
}

/** Spans by trace; those of one trace mostly follow each other. */
class Groups {
  readonly list: TraceGroup[] = []
  private byHash = new Map<number, TraceGroup>()
  private last: TraceGroup | undefined

  add(traceId: Uint8Array, span: SpanFacts): void {
    if (this.last === undefined || !isSameId(this.last.traceId, traceId)) this.last = this.find(traceId)
    this.last.spans.push(span)
  }

  private find(traceId: Uint8Array): TraceGroup {
    const hash = hashOf(traceId)
    const known = this.byHash.get(hash)
    if (known && isSameId(known.traceId, traceId)) return known
    // Two traces of one hash: made so by somebody, and slow for nobody else.
    const twin = known && this.list.find(other => isSameId(other.traceId, traceId))
    if (twin) return twin
    const group = { traceId: traceId.slice(), hash, spans: [] }
    if (!known) this.byHash.set(hash, group)
    this.list.push(group)
    return group
  }
}

/** 16 bytes, not all zero; 8 as of old are the lower half. */
function traceIdOf(bytes: Uint8Array, at: number, size: number): Uint8Array | undefined {
  if (size !== 16 && size !== 8) return undefined
  let any = 0
  for (let i = at; i < at + size; i++) any |= bytes[i]!
  if (any === 0) return undefined
  if (size === 16) return bytes.subarray(at, at + 16)
  const id = new Uint8Array(16)
  id.set(bytes.subarray(at, at + 8), 8)
  return id
}

/** 53 bits of a random id. */
export function hashOf(traceId: Uint8Array): number {
  const low = word(traceId, 12) ^ word(traceId, 0)
  const high = word(traceId, 8) ^ word(traceId, 4)
  return (high & 0x1FFFFF) * 4294967296 + (low >>> 0)
}

function isSameId(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 15; i >= 0; i--) if (a[i] !== b[i]) return false
  return true
}
