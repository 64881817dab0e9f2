import { columnFacts, ignoredAttributes } from './column-facts'
import { createNames } from './names'
import { hasFailed } from './skeleton-span'
import type { AttributeValue, Span } from './span'
import { spanKinds } from './span-table'

/** What a sender's process says about itself: one entry for all spans that say the same. */
export interface Resource {
  service: number
  /** Whose clock wrote the times. */
  host: number
  pairs: number[]
}

/**
 * Sampled traces as columns: what moves to the worker without copying a single object. Texts are numbers into
 * `texts`; 0 is the empty text and means "none". Spans of one trace lie together, in any order; nothing is repaired.
 */
export interface Traces {
  /** Spans of trace t are `first[t]` up to `first[t + 1]`. */
  first: Uint32Array
  /** How many requests each trace stands for: 1 / the probability that it was kept. */
  weight: Float32Array
  traceIds: string[]
  /** 53 bits of the span's id; client and server may share one. */
  id: Float64Array
  /** 0 for a root. */
  parentId: Float64Array
  /** Microseconds since the epoch, as sent. */
  start: Float64Array
  duration: Float64Array
  /** Index into `spanKinds`. */
  kind: Uint8Array
  failed: Uint8Array
  httpStatus: Uint16Array
  service: Uint32Array
  name: Uint32Array
  /** Whom it calls, or where its message goes. */
  remote: Uint32Array
  errorType: Uint32Array
  resource: Uint32Array
  /** Attributes of span i are `pairs[j]` for j from `attributes[i]` up to `attributes[i + 1]`. */
  attributes: Uint32Array
  pairs: Uint32Array
  /** Of a consumer: the span that published its message, where it says so by a link. Entries belong together; a trace that is not here is -1. */
  linkFrom: Uint32Array
  linkTrace: Int32Array
  linkId: Float64Array
  texts: string[]
  /** Key and value of each pair, as texts. */
  pairKey: Uint32Array
  pairValue: Uint32Array
  resources: Resource[]
}

const columnTypes = {
  id: Float64Array, parentId: Float64Array, start: Float64Array, duration: Float64Array, kind: Uint8Array, failed: Uint8Array,
  httpStatus: Uint16Array, service: Uint32Array, name: Uint32Array, remote: Uint32Array, errorType: Uint32Array, resource: Uint32Array, attributes: Uint32Array,
} as const
type ColumnName = keyof typeof columnTypes

/** Packs spans into columns. Whoever reads a source feeds it, trace by trace; values beyond 200 of one key are left out. */
export class TraceCollector {
  private texts = createNames()
  private pairKey: number[] = []
  private pairValue: number[] = []
  private keys = new Map<string, Key>()
  private resources: Resource[] = []
  private knownResources = new Map<string, number>()
  private lastResource: { of: Span['resource'], service: string, index: number } | undefined
  private columns = Object.fromEntries(Object.entries(columnTypes).map(([name, type]) => [name, new Growing(type)])) as Record<ColumnName, Growing>
  private attributePairs = new Growing(Uint32Array)
  private first = [0]
  private weight: number[] = []
  private traceIds: string[] = []
  private links: { from: number, traceId: string, id: number }[] = []

  constructor() {
    this.texts.add('')
  }

  get spans(): number {
    return this.first.at(-1)!
  }

  /** `weight`: how many requests the trace stands for. */
  add(traceId: string, spans: readonly Span[], weight = 1): void {
    for (const span of spans) this.addSpan(span)
    this.traceIds.push(traceId)
    this.weight.push(weight)
    this.first.push(this.first.at(-1)! + spans.length)
  }

  done(): Traces {
    // Where the attributes of a span that never came would begin.
    this.columns.attributes.push(this.attributePairs.count)
    const traceOf = new Map(this.traceIds.map((traceId, trace) => [traceId, trace]))
    const columns = Object.fromEntries(Object.entries(this.columns).map(([name, column]) => [name, column.done()]))
    return {
      ...columns as Pick<Traces, ColumnName>,
      first: Uint32Array.from(this.first), weight: Float32Array.from(this.weight), traceIds: this.traceIds,
      linkFrom: Uint32Array.from(this.links, ({ from }) => from), linkTrace: Int32Array.from(this.links, ({ traceId }) => traceOf.get(traceId) ?? -1),
      linkId: Float64Array.from(this.links, ({ id }) => id),
      pairs: this.attributePairs.done() as Uint32Array, texts: this.texts.list,
      pairKey: Uint32Array.from(this.pairKey), pairValue: Uint32Array.from(this.pairValue), resources: this.resources,
    }
  }

  private addSpan(span: Span): void {
    const facts = columnFacts(span)
    const { columns, texts } = this
    const [link] = span.links
    if (span.kind === 'consumer' && link) this.links.push({ from: columns.id.count, traceId: link.traceId, id: idNumber(link.spanId) })
    columns.id.push(idNumber(span.spanId))
    columns.parentId.push(span.parentId ? idNumber(span.parentId) : 0)
    columns.start.push(span.start)
    columns.duration.push(Math.max(0, span.duration))
    columns.kind.push(Math.max(0, spanKinds.indexOf(span.kind)))
    columns.failed.push(hasFailed({ status: span.status, httpStatus: facts.httpStatus }) ? 1 : 0)
    columns.httpStatus.push(facts.httpStatus ?? 0)
    columns.service.push(texts.add(span.service))
    columns.name.push(texts.add(facts.operation))
    columns.remote.push(texts.add(facts.remote ?? ''))
    columns.errorType.push(texts.add(facts.errorType ?? ''))
    columns.resource.push(this.resourceOf(span))
    columns.attributes.push(this.attributePairs.count)
    for (const key in span.attributes) {
      const known = this.keyOf(key)
      const pair = known.isIgnored ? -1 : this.pairOf(known, span.attributes[key])
      if (pair >= 0) this.attributePairs.push(pair)
    }
  }

  private resourceOf(span: Span): number {
    const last = this.lastResource
    if (last && last.of === span.resource && last.service === span.service) return last.index
    const told = JSON.stringify([span.service, span.resource])
    let index = this.knownResources.get(told)
    if (index === undefined) {
      const host = span.resource['host.name'] ?? span.resource['service.instance.id'] ?? span.service
      const pairs: number[] = []
      for (const [key, value] of Object.entries(span.resource)) {
        if (!contrasted.test(key)) continue
        const pair = this.pairOf(this.keyOf(key), String(value))
        if (pair >= 0) pairs.push(pair)
      }
      index = this.resources.push({ service: this.texts.add(span.service), host: this.texts.add(String(host)), pairs }) - 1
      this.knownResources.set(told, index)
    }
    this.lastResource = { of: span.resource, service: span.service, index }
    return index
  }

  private keyOf(key: string): Key {
    let known = this.keys.get(key)
    if (!known) this.keys.set(key, known = { text: this.texts.add(key), isIgnored: ignoredAttributes.test(key), pairs: new Map() })
    return known
  }

  /** -1 for a value that cannot tell some spans from others. */
  private pairOf({ text, pairs }: Key, value: AttributeValue | undefined): number {
    if (value === null || value === undefined || typeof value === 'object') return -1
    const known = pairs.get(value)
    if (known !== undefined) return known
    const written = String(value)
    if (pairs.size > mostValues || !written || written.length > 200) return -1
    const pair = this.pairKey.push(text) - 1
    this.pairValue.push(this.texts.add(written))
    pairs.set(value, pair)
    return pair
  }
}

interface Key {
  text: number
  isIgnored: boolean
  /** By value. */
  pairs: Map<string | number | boolean, number>
}

/** A key with more values is an id of some kind: it cannot say "only these". */
export const mostValues = 200

/** Of a resource, what tells one process or place from another. */
const contrasted = /^(service\.(version|instance\.id|namespace)|host\.name|k8s\.(pod|node|namespace|cluster|deployment)\.name|cloud\.(region|availability_zone|zone)|deployment\.|zone$|region$|container\.image\.tags?$|process\.runtime\.version)/

/** 53 bits of 64 as a number; within one trace they are as good as all of them. */
export function idNumber(id: string): number {
  return Number.parseInt(id.slice(-13), 16) + 1
}

/** A column of unknown length. */
class Growing {
  count = 0
  private values
  private type

  constructor(type: (typeof columnTypes)[ColumnName]) {
    this.type = type
    this.values = new type(1_024)
  }

  push(value: number): void {
    if (this.count === this.values.length) {
      const larger = new this.type(this.count * 2)
      larger.set(this.values)
      this.values = larger
    }
    this.values[this.count++] = value
  }

  /** A copy of what is filled, with memory of its own. */
  done() {
    return this.values.slice(0, this.count)
  }
}

/** The buffers of all columns, for a transfer to another thread. */
export function buffersOf(traces: Traces): ArrayBuffer[] {
  return Object.values(traces).flatMap(column => ArrayBuffer.isView(column) ? [column.buffer as ArrayBuffer] : [])
}
