import { isDeeperThan } from './json-depth'
import { MalformedBody } from './wire'
import { WireWriter } from './wire-writer'

const deepestJson = 64

/**
 * OTLP/JSON becomes the same message in protobuf, so that there is one model behind both. Tolerant, as senders
 * differ: ids of any case, 64-bit numbers as text or number, enums as number or name, snake_case names, unknown
 * fields passed over, defaults left out. What makes no sense becomes nothing; the reader behind judges it.
 */
export function jsonToWire(bytes: Uint8Array, message: Message): Buffer {
  if (isDeeperThan(bytes, deepestJson)) throw new MalformedBody('nested too deep')
  let value: unknown
  try {
    value = JSON.parse(Buffer.prototype.utf8Slice.call(bytes, 0, bytes.length))
  }
  catch {
    throw new MalformedBody('not JSON')
  }
  if (!isObject(value)) throw new MalformedBody('not an object')
  const writer = new WireWriter(Math.max(1024, bytes.length >> 1))
  writeMessage(writer, message, value)
  return writer.take()
}

type Kind = 'text' | 'id' | 'bytes' | 'bool' | 'varint' | 'int64' | 'fixed32' | 'fixed64' | 'double' | 'packedFixed64' | 'packedDouble'
interface Field {
  number: number
  kind: Kind | (() => Message)
  repeated?: boolean
  /** Names an enum's value may come with, in the order of its numbers. */
  names?: string[]
}
type Message = Record<string, Field>

const one = (number: number, kind: Field['kind'], names?: string[]): Field => ({ number, kind, names })
const many = (number: number, kind: Field['kind']): Field => ({ number, kind, repeated: true })

const anyValue: Message = {
  stringValue: one(1, 'text'), boolValue: one(2, 'bool'), intValue: one(3, 'int64'), doubleValue: one(4, 'double'),
  arrayValue: one(5, () => arrayValue), kvlistValue: one(6, () => keyValueList), bytesValue: one(7, 'bytes'),
}
const keyValue: Message = { key: one(1, 'text'), value: one(2, () => anyValue) }
const arrayValue: Message = { values: many(1, () => anyValue) }
const keyValueList: Message = { values: many(1, () => keyValue) }
const resource: Message = { attributes: many(1, () => keyValue) }
const scope: Message = { name: one(1, 'text'), version: one(2, 'text'), attributes: many(3, () => keyValue) }

const spanKinds = ['SPAN_KIND_UNSPECIFIED', 'SPAN_KIND_INTERNAL', 'SPAN_KIND_SERVER', 'SPAN_KIND_CLIENT', 'SPAN_KIND_PRODUCER', 'SPAN_KIND_CONSUMER']
const statusCodes = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR']
const event: Message = { timeUnixNano: one(1, 'fixed64'), name: one(2, 'text'), attributes: many(3, () => keyValue), droppedAttributesCount: one(4, 'varint') }
const link: Message = {
  traceId: one(1, 'id'), spanId: one(2, 'id'), traceState: one(3, 'text'), attributes: many(4, () => keyValue),
  droppedAttributesCount: one(5, 'varint'), flags: one(6, 'fixed32'),
}
const status: Message = { message: one(2, 'text'), code: one(3, 'varint', statusCodes) }
const span: Message = {
  traceId: one(1, 'id'), spanId: one(2, 'id'), traceState: one(3, 'text'), parentSpanId: one(4, 'id'), name: one(5, 'text'),
  kind: one(6, 'varint', spanKinds), startTimeUnixNano: one(7, 'fixed64'), endTimeUnixNano: one(8, 'fixed64'),
  attributes: many(9, () => keyValue), droppedAttributesCount: one(10, 'varint'), events: many(11, () => event),
  droppedEventsCount: one(12, 'varint'), links: many(13, () => link), droppedLinksCount: one(14, 'varint'),
  status: one(15, () => status), flags: one(16, 'fixed32'),
}
export const traceRequest: Message = {
  resourceSpans: many(1, () => ({ resource: one(1, () => resource), scopeSpans: many(2, () => ({ scope: one(1, () => scope), spans: many(2, () => span) })) })),
}

const logRecord: Message = {
  timeUnixNano: one(1, 'fixed64'), severityNumber: one(2, 'varint'), severityText: one(3, 'text'), body: one(5, () => anyValue),
  attributes: many(6, () => keyValue), droppedAttributesCount: one(7, 'varint'), flags: one(8, 'fixed32'), traceId: one(9, 'id'),
  spanId: one(10, 'id'), observedTimeUnixNano: one(11, 'fixed64'), eventName: one(12, 'text'),
}
export const logRequest: Message = {
  resourceLogs: many(1, () => ({ resource: one(1, () => resource), scopeLogs: many(2, () => ({ scope: one(1, () => scope), logRecords: many(2, () => logRecord) })) })),
}

const temporalities = ['AGGREGATION_TEMPORALITY_UNSPECIFIED', 'AGGREGATION_TEMPORALITY_DELTA', 'AGGREGATION_TEMPORALITY_CUMULATIVE']
const numberPoint: Message = {
  startTimeUnixNano: one(2, 'fixed64'), timeUnixNano: one(3, 'fixed64'), asDouble: one(4, 'double'), asInt: one(6, 'fixed64'),
  attributes: many(7, () => keyValue),
}
const histogramPoint: Message = {
  startTimeUnixNano: one(2, 'fixed64'), timeUnixNano: one(3, 'fixed64'), count: one(4, 'fixed64'), sum: one(5, 'double'),
  bucketCounts: one(6, 'packedFixed64'), explicitBounds: one(7, 'packedDouble'), attributes: many(9, () => keyValue),
}
const exponentialPoint: Message = {
  attributes: many(1, () => keyValue), startTimeUnixNano: one(2, 'fixed64'), timeUnixNano: one(3, 'fixed64'), count: one(4, 'fixed64'), sum: one(5, 'double'),
}
const summaryPoint: Message = {
  startTimeUnixNano: one(2, 'fixed64'), timeUnixNano: one(3, 'fixed64'), count: one(4, 'fixed64'), sum: one(5, 'double'), attributes: many(7, () => keyValue),
}
const metric: Message = {
  name: one(1, 'text'), description: one(2, 'text'), unit: one(3, 'text'),
  gauge: one(5, () => ({ dataPoints: many(1, () => numberPoint) })),
  sum: one(7, () => ({ dataPoints: many(1, () => numberPoint), aggregationTemporality: one(2, 'varint', temporalities), isMonotonic: one(3, 'bool') })),
  histogram: one(9, () => ({ dataPoints: many(1, () => histogramPoint), aggregationTemporality: one(2, 'varint', temporalities) })),
  exponentialHistogram: one(10, () => ({ dataPoints: many(1, () => exponentialPoint), aggregationTemporality: one(2, 'varint', temporalities) })),
  summary: one(11, () => ({ dataPoints: many(1, () => summaryPoint) })),
}
export const metricRequest: Message = {
  resourceMetrics: many(1, () => ({ resource: one(1, () => resource), scopeMetrics: many(2, () => ({ scope: one(1, () => scope), metrics: many(2, () => metric) })) })),
}

function writeMessage(writer: WireWriter, message: Message, value: Record<string, unknown>): void {
  for (const key in value) {
    // Own names only: `constructor` and the like are nobody's field.
    const name = Object.hasOwn(message, key) ? key : camelCase(key)
    if (!Object.hasOwn(message, name)) continue
    const field = message[name]!
    const content = value[key]
    if (content === null || content === undefined) continue
    if (!field.repeated) writeField(writer, field, content)
    else if (Array.isArray(content)) for (const item of content) writeField(writer, field, item)
  }
}

function writeField(writer: WireWriter, field: Field, value: unknown): void {
  const { number, kind } = field
  if (typeof kind === 'function') {
    if (!isObject(value)) return
    const from = writer.open(number)
    writeMessage(writer, kind(), value)
    writer.close(from)
    return
  }
  switch (kind) {
    case 'text':
      if (typeof value === 'string') writer.text(number, value)
      else if (typeof value === 'number' || typeof value === 'boolean') writer.text(number, String(value))
      return
    case 'id':
      // What is no hex keeps a length that no id has, and is refused as an id.
      if (typeof value === 'string' && value) writer.field(number, /^(?:[\da-f]{2})+$/i.test(value) ? Buffer.from(value, 'hex') : Buffer.from([0]))
      return
    case 'bytes':
      if (typeof value === 'string') writer.field(number, Buffer.from(value, 'base64'))
      return
    case 'bool':
      writer.varint(number << 3)
      writer.byte(value === true || value === 'true' ? 1 : 0)
      return
    case 'varint': {
      const index = typeof value === 'string' ? field.names?.indexOf(value) ?? -1 : -1
      writer.varint(number << 3)
      writer.varint(index >= 0 ? index : Math.min(Math.max(0, Math.trunc(Number(value)) || 0), 0xFFFFFFFF))
      return
    }
    case 'int64':
      writer.varint(number << 3)
      writer.int64(wholeNumber(value))
      return
    case 'fixed32':
      writer.varint(number << 3 | 5)
      writer.fixed32(Math.trunc(Number(value)) || 0)
      return
    case 'fixed64':
      writer.varint(number << 3 | 1)
      writer.fixed64(wholeNumber(value))
      return
    case 'double':
      writer.varint(number << 3 | 1)
      writer.double(doubleOf(value))
      return
    case 'packedFixed64':
    case 'packedDouble': {
      if (!Array.isArray(value)) return
      const from = writer.open(number)
      for (const item of value) {
        if (kind === 'packedDouble') writer.double(doubleOf(item))
        else writer.fixed64(wholeNumber(item))
      }
      writer.close(from)
    }
  }
}

function wholeNumber(value: unknown): bigint {
  if (typeof value === 'string' && /^[+-]?\d{1,20}$/.test(value)) return BigInt(value)
  const number = typeof value === 'string' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? BigInt(Math.trunc(number)) : 0n
}

function doubleOf(value: unknown): number {
  if (typeof value === 'number') return value
  if (value === 'Infinity' || value === '-Infinity') return Number(value)
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
}

function camelCase(key: string): string {
  return key.includes('_') ? key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()) : key
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
