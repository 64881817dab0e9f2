import type { Database } from 'better-sqlite3'
import type { SkeletonSpan } from '#shared/trace/skeleton-span'
import type { Span, SpanKind } from '#shared/trace/span'
import { linkSpans } from '#shared/trace/span-links'
import { AttributeKeys } from '../ingest/attribute-keys'
import { spanKinds, type ResourceFacts, type SpanFacts } from '../ingest/facts'
import { weightOf } from '../ingest/sampling'
import { SpanScanner } from '../ingest/scan-span'
import { Texts } from '../ingest/texts'
import { hexOf, traceIdBytes } from '../otlp/hex'
import { readSpan } from '../otlp/span'
import { WireReader } from '../otlp/wire'
import { readSegment, type PackedSpan } from '../traces/segment'
import type { Names } from './names'

const statuses = ['unset', 'ok', 'error'] as const
/** Field 2 of a Span, as its bytes begin. */
const SPAN_ID = 0x12
const anyResource: ResourceFacts = { digest: Buffer.alloc(0), data: Buffer.alloc(0), service: '', namespace: undefined, version: undefined, instance: undefined, language: undefined }

/** Spans as they lie in segments, read whole or as the little that a tree needs. */
export class StoredSpans {
  private names: Names
  private findTrace
  private segments
  private count
  // What is masked was masked when it was stored.
  private scanner = new SpanScanner({ keys: new AttributeKeys({ consumerAttributes: [], maskedKeys: [] }), texts: new Texts() })

  constructor(db: Database, names: Names) {
    this.names = names
    this.findTrace = db.prepare('select id, arrived_at as arrivedAt, spans from traces where trace_id = ?')
    this.segments = db.prepare('select data from segments where trace = ? order by id').pluck()
    this.count = db.prepare('select spans from traces where id = ?').pluck()
  }

  trace(traceId: string): { id: number, arrivedAt: number, spans: number } | undefined {
    const bytes = traceIdBytes(traceId)
    return bytes && this.findTrace.get(bytes) as { id: number, arrivedAt: number, spans: number } | undefined
  }

  spanCount(trace: number): number {
    return this.count.get(trace) as number | undefined ?? 0
  }

  skeletonSpans(trace: number): SkeletonSpan[] {
    const spans: SkeletonSpan[] = []
    for (const data of this.segments.all(trace) as Buffer[]) for (const packed of readSegment(data)) spans.push(this.skeletonSpan(packed))
    return spans
  }

  facts({ bytes, from, to }: PackedSpan): SpanFacts {
    return this.scanner.read(bytes, from, to, anyResource, { name: '', version: '' })
  }

  * packed(trace: number): Generator<PackedSpan> {
    for (const data of this.segments.iterate(trace) as Iterable<Buffer>) yield* readSegment(data)
  }

  whole({ resourceId, scopeId, bytes, from, to }: PackedSpan, traceId: string): Span {
    const { serviceId, attributes } = this.names.resource(resourceId)
    const scope = this.names.scope(scopeId)
    return readSpan(new WireReader(bytes, from, to), { traceId, service: this.names.service(serviceId), resource: attributes, ...(scope && { scope }) })
  }

  /** Every span once, how many bytes they took, and how many requests they stand for where a sampler said so. */
  wholeTrace(trace: number, traceId: string): { spans: Span[], size: number, kept: number } {
    const spans: Span[] = []
    const seen = new Set<string>()
    let size = 0
    let kept = 1
    for (const data of this.segments.all(trace) as Buffer[]) {
      size += data.length
      for (const packed of readSegment(data)) {
        const span = this.whole(packed, traceId)
        // Halves of one call may share an id.
        if (seen.has(span.spanId) && spans.some(({ spanId, kind, service }) => spanId === span.spanId && kind === span.kind && service === span.service)) continue
        seen.add(span.spanId)
        spans.push(span)
        if (kept === 1 && span.traceState !== undefined) kept = weightOf(span.traceState) ?? 1
      }
    }
    return { spans, size, kept }
  }

  /** By key: the span id, with a suffix where several spans share one. One pass over the trace, however many are asked for. */
  find(traceId: string, keys: readonly string[]): Span[] {
    const trace = this.trace(traceId)
    if (!trace) return []
    const byId = new Map<number, Map<number, PackedSpan[]>>()
    const sharing = (high: number, low: number) => byId.get(high)?.get(low)
    for (const key of keys) {
      if (!/^[\da-f]{16}/.test(key)) continue
      const [high, low] = halvesOf(key)
      byId.set(high, (byId.get(high) ?? new Map()).set(low, []))
    }
    for (const packed of this.packed(trace.id)) {
      const [high, low] = this.idOf(packed)
      sharing(high, low)?.push(packed)
    }
    const id = traceId.toLowerCase().padStart(32, '0')
    return keys.flatMap((key) => {
      const packed = this.choose(sharing(...halvesOf(key)) ?? [], key)
      return packed ? [{ ...this.whole(packed, id), key }] : []
    })
  }

  /** Every sender writes the id first, so a span among thousands is found without reading them. */
  private idOf(packed: PackedSpan): [high: number, low: number] {
    const { bytes, from } = packed
    if (bytes[from] === SPAN_ID && bytes[from + 1] === 8) return [wordAt(bytes, from + 2), wordAt(bytes, from + 6)]
    const { idHigh, idLow } = this.facts(packed)
    return [idHigh, idLow]
  }

  /** Of spans that share an id, the one that the tree knows by this key. */
  private choose(sharing: PackedSpan[], key: string): PackedSpan | undefined {
    if (sharing.length === 0) return undefined
    const links = linkSpans(sharing.map(packed => this.skeletonSpan(packed)))
    const at = links.keys.indexOf(key)
    const wanted = at >= 0 ? links.spans[at]! : undefined
    return wanted && sharing.find(entry => isSame(this.skeletonSpan(entry), wanted))
  }

  private skeletonSpan(packed: PackedSpan): SkeletonSpan {
    const facts = this.facts(packed)
    const { serviceId, attributes } = this.names.resource(packed.resourceId)
    const host = attributes['host.name'] ?? attributes['service.instance.id']
    const span: SkeletonSpan = {
      spanId: idText(facts.idHigh, facts.idLow),
      name: facts.name,
      kind: spanKinds[facts.kind] as SpanKind,
      service: this.names.service(serviceId),
      start: facts.start,
      duration: facts.duration,
      status: statuses[facts.statusCode] ?? 'unset',
    }
    if (facts.parentHigh !== 0 || facts.parentLow !== 0) span.parentId = idText(facts.parentHigh, facts.parentLow)
    if (typeof host === 'string') span.host = host
    if (facts.status > 0) span.httpStatus = facts.status
    if (facts.errorType !== undefined) span.errorType = facts.errorType
    if (facts.system !== undefined) span.system = facts.system
    if (facts.remote !== undefined) span.remote = facts.remote
    return span
  }
}

function isSame(a: SkeletonSpan, b: SkeletonSpan): boolean {
  return a.spanId === b.spanId && a.kind === b.kind && a.service === b.service && a.start === b.start && a.duration === b.duration
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!) >>> 0
}

function halvesOf(key: string): [high: number, low: number] {
  return [Number.parseInt(key.slice(0, 8), 16), Number.parseInt(key.slice(8, 16), 16)]
}

const scratch = Buffer.alloc(8)
function idText(high: number, low: number): string {
  scratch.writeUInt32BE(high, 0)
  scratch.writeUInt32BE(low, 4)
  return hexOf(scratch)
}
