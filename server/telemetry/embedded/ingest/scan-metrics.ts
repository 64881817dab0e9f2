import { WireReader } from '../otlp/wire'
import { WireWriter } from '../otlp/wire-writer'
import type { AttributeKeys } from './attribute-keys'
import { cleanMessage, pointLayout } from './clean'
import type { ResourceFacts, ScopeFacts } from './facts'
import { BodyTooLarge, mostAhead, mostItems, Rejections } from './rejections'
import { scanEnvelope } from './scan-envelope'
import type { Resources } from './scan-resource'
import type { ScanLimits } from './scan-traces'

export type MetricKind = 'gauge' | 'sum' | 'histogram'

export interface PointFacts {
  resource: ResourceFacts
  scope: ScopeFacts
  name: string
  unit: string
  kind: MetricKind
  cumulative: boolean
  /** Attributes as a Resource message would hold them. */
  attributes: Buffer
  /** Milliseconds. */
  at: number
  startedAt: number
  /** The value, or a histogram's sum. */
  value: number
  count: number | undefined
}

export interface MetricBatch {
  points: PointFacts[]
  rejected: Rejections
}

/** By the field of Metric that holds the data: what it is, and where its points keep their attributes. */
const kinds: Record<number, { kind: MetricKind, attributes: number }> = {
  5: { kind: 'gauge', attributes: 7 },
  7: { kind: 'sum', attributes: 7 },
  9: { kind: 'histogram', attributes: 9 },
  10: { kind: 'histogram', attributes: 1 },
  11: { kind: 'histogram', attributes: 7 },
}

/** Reads an ExportMetricsServiceRequest. Of histograms the count and the sum are kept, which give rate and mean. */
export class MetricScanner {
  private writer = new WireWriter()
  private attributes = new WireWriter()
  private keys: AttributeKeys
  private resources: Resources

  constructor({ keys, resources }: { keys: AttributeKeys, resources: Resources }) {
    this.keys = keys
    this.resources = resources
  }

  scan(bytes: Uint8Array, limits: ScanLimits): MetricBatch {
    const points: PointFacts[] = []
    const rejected = new Rejections()
    let seen = 0
    scanEnvelope(bytes, { resources: this.resources, keys: this.keys }, (reader, resource, scope) => {
      const allowed = limits.allows(resource.service)
      for (const point of this.metric(reader, resource, scope)) {
        if (++seen > mostItems) throw new BodyTooLarge(`more than ${mostItems} data points`)
        const reason = allowed ? reasonAgainst(point, limits) : 'service_not_allowed'
        if (reason) rejected.add(resource.service, reason)
        else points.push(point)
      }
    })
    return { points, rejected }
  }

  private* metric(reader: WireReader, resource: ResourceFacts, scope: ScopeFacts): Generator<PointFacts> {
    let name = ''
    let unit = ''
    const data: { kind: MetricKind, attributes: number, reader: WireReader }[] = []
    for (let tag = reader.field(); tag; tag = reader.field()) {
      const kind = (tag & 7) === 2 ? kinds[tag >>> 3] : undefined
      if (tag === 10) name = reader.text().slice(0, 200)
      else if (tag === 26) unit = reader.text().slice(0, 40)
      else if (kind) {
        const end = reader.length()
        data.push({ ...kind, reader: new WireReader(reader.bytes, reader.at, end) })
        reader.at = end
      }
      else reader.skip(tag)
    }
    if (!name) return
    for (const { kind, attributes, reader: inner } of data) {
      const points: WireReader[] = []
      // A summary counts from its start, as a cumulative histogram does.
      let temporality = 2
      let monotonic = kind !== 'sum'
      for (let tag = inner.field(); tag; tag = inner.field()) {
        if (tag === 10) {
          const end = inner.length()
          points.push(new WireReader(inner.bytes, inner.at, end))
          inner.at = end
        }
        else if (tag === 16) temporality = inner.varint()
        else if (tag === 24 && kind === 'sum') monotonic = inner.varint() !== 0
        else inner.skip(tag)
      }
      const cumulative = kind !== 'gauge' && temporality !== 1
      // A cumulative sum that also falls (open connections, bytes in use) is a level, not a rate.
      const shown = cumulative && !monotonic ? 'gauge' : kind
      for (const point of points) yield { resource, scope, name, unit, kind: shown, cumulative: cumulative && shown !== 'gauge', ...this.point(point, kind, attributes) }
    }
  }

  private point(message: WireReader, kind: MetricKind, attributes: number) {
    cleanMessage(message, this.writer.reset(), pointLayout(attributes), this.keys)
    const reader = new WireReader(this.writer.bytes, 0, this.writer.at)
    let at = 0
    let startedAt = 0
    let value = Number.NaN
    let count: number | undefined
    this.attributes.reset()
    for (let tag = reader.field(); tag; tag = reader.field()) {
      const number = tag >>> 3
      if (number === attributes && (tag & 7) === 2) this.attributes.field(1, reader.slice())
      else if (tag === 17) startedAt = Number(reader.fixed64() / 1_000_000n)
      else if (tag === 25) at = Number(reader.fixed64() / 1_000_000n)
      else if (kind === 'histogram' && tag === 33) count = Number(reader.fixed64())
      else if (kind === 'histogram' && tag === 41) value = reader.double()
      else if (kind !== 'histogram' && tag === 33) value = reader.double()
      else if (kind !== 'histogram' && tag === 49) value = Number(BigInt.asIntN(64, reader.fixed64()))
      else reader.skip(tag)
    }
    return { attributes: this.attributes.take(), at, startedAt, value: kind === 'histogram' && Number.isNaN(value) ? 0 : value, count }
  }
}

function reasonAgainst({ at, value }: PointFacts, { now, days }: ScanLimits): 'no_time' | 'in_the_future' | 'too_old' | 'unsupported' | undefined {
  if (at === 0) return 'no_time'
  if (at > now + mostAhead) return 'in_the_future'
  if (at < now - days * 86_400_000) return 'too_old'
  return Number.isFinite(value) ? undefined : 'unsupported'
}
