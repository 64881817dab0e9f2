import type { Attributes, AttributeValue } from '#shared/trace/span'
import { WireReader } from './wire'

/** Deeper than any sender means; what is below is dropped. */
const deepest = 32

/** KeyValue messages as an object. Without a prototype, so that a key named `__proto__` is only a key. */
export function readAttributes(messages: Iterable<Uint8Array>): Attributes {
  const attributes: Attributes = Object.create(null)
  for (const message of messages) readKeyValue(new WireReader(message), attributes, 0)
  return attributes
}

export function readKeyValue(reader: WireReader, into: Attributes, depth: number): void {
  let key = ''
  let value: AttributeValue = null
  for (let tag = reader.field(); tag; tag = reader.field()) {
    if (tag === 10) key = reader.text()
    else if (tag === 18) value = readAnyValue(nested(reader), depth)
    else reader.skip(tag)
  }
  into[key] = value
}

export function readAnyValue(reader: WireReader, depth = 0): AttributeValue {
  let value: AttributeValue = null
  for (let tag = reader.field(); tag; tag = reader.field()) {
    switch (tag) {
      case 10:
        value = reader.text()
        break
      case 16:
        value = reader.varint() !== 0
        break
      case 24:
        value = reader.int64()
        break
      case 33:
        value = finite(reader.double())
        break
      case 42:
        value = depth < deepest ? readList(nested(reader), depth + 1) : (reader.skip(tag), null)
        break
      case 50:
        value = depth < deepest ? readMap(nested(reader), depth + 1) : (reader.skip(tag), null)
        break
      case 58:
        value = Buffer.from(reader.slice()).toString('base64')
        break
      default:
        reader.skip(tag)
    }
  }
  return value
}

function readList(reader: WireReader, depth: number): AttributeValue[] {
  const values: AttributeValue[] = []
  for (let tag = reader.field(); tag; tag = reader.field()) {
    if (tag === 10) values.push(readAnyValue(nested(reader), depth))
    else reader.skip(tag)
  }
  return values
}

function readMap(reader: WireReader, depth: number): Attributes {
  const values: Attributes = Object.create(null)
  for (let tag = reader.field(); tag; tag = reader.field()) {
    if (tag === 10) readKeyValue(nested(reader), values, depth)
    else reader.skip(tag)
  }
  return values
}

/** A reader of the message that stands here; this one goes on behind it. */
export function nested(reader: WireReader): WireReader {
  const end = reader.length()
  const inner = new WireReader(reader.bytes, reader.at, end)
  reader.at = end
  return inner
}

/** JSON knows no NaN and no infinity. */
function finite(value: number): number | string {
  return Number.isFinite(value) ? value : String(value)
}
