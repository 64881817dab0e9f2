import { MalformedBody, type WireReader } from '../otlp/wire'
import { URL_QUERY, type AttributeKey, type AttributeKeys } from './attribute-keys'

/** Longer values are cut and marked. */
export const longestValue = 4096

// Wire tags of AnyValue.
export const TEXT = 10
export const BOOL = 16
export const INT = 24
export const DOUBLE = 33
export const LIST = 42
export const MAP = 50
export const BYTES = 58

/** One attribute as it lies in the bytes. A single view is moved from attribute to attribute. */
export class AttributeView {
  key: AttributeKey | undefined = undefined
  /** Wire tag of the value; 0 for none. */
  tag = 0
  /** Content of text, list, map or bytes; the number itself stands at `from`. */
  from = 0
  to = 0

  /** Reads the KeyValue between the reader's place and `end`. */
  read(reader: WireReader, end: number, keys: AttributeKeys): void {
    this.key = undefined
    this.tag = 0
    const outer = reader.end
    reader.end = end
    while (reader.at < end) {
      const tag = reader.varint()
      if (tag === 10) {
        const to = reader.length()
        this.key = keys.find(reader.bytes, reader.at, to)
        reader.at = to
      }
      else if (tag === 18) this.readValue(reader)
      else reader.skip(tag)
    }
    reader.end = outer
    this.key ??= keys.find(reader.bytes, 0, 0)
  }

  private readValue(reader: WireReader): void {
    const end = reader.length()
    const outer = reader.end
    reader.end = end
    while (reader.at < end) {
      const tag = reader.varint()
      this.tag = tag
      switch (tag) {
        case TEXT: case LIST: case MAP: case BYTES:
          this.to = reader.length()
          this.from = reader.at
          reader.at = this.to
          break
        case BOOL: case INT: case DOUBLE:
          this.from = reader.at
          reader.skip(tag)
          this.to = reader.at
          break
        default:
          if (tag < 8) throw new MalformedBody('field number')
          this.tag = 0
          reader.skip(tag)
      }
    }
    reader.end = outer
  }

  /** Whether it may not be stored as it is: a secret, too long, or such inside. */
  isUnclean(bytes: Uint8Array): boolean {
    const key = this.key!
    // Numbers and truth values are no secrets: `token.expires_in`, `password.changed`.
    if (this.tag === BOOL || this.tag === INT || this.tag === DOUBLE) return false
    if (key.masked || this.to - this.from > longestValue) return this.tag !== 0
    switch (this.tag) {
      case TEXT:
        return key.url && (key.role === URL_QUERY || hasByte(bytes, this.from, this.to, 0x3F)) && hasByte(bytes, this.from, this.to, 0x3D)
      case MAP:
        return true
      case LIST:
        return holdsMore(bytes, this.from, this.to)
      default:
        return false
    }
  }

  /** A status, a port: small whole numbers, sent as number or as text. */
  smallNumber(reader: WireReader): number | undefined {
    if (this.tag === INT) {
      const { at, end } = reader
      const value = reader.range(this.from, this.to).varint()
      reader.range(at, end)
      return value <= 65_535 ? value : undefined
    }
    if (this.tag !== TEXT || this.to === this.from || this.to - this.from > 5) return undefined
    let value = 0
    for (let at = this.from; at < this.to; at++) {
      const digit = reader.bytes[at]! - 48
      if (digit < 0 || digit > 9) return undefined
      value = value * 10 + digit
    }
    return value
  }
}

function hasByte(bytes: Uint8Array, from: number, to: number, byte: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] === byte) return true
  return false
}

/** Whether a list may hold maps or lists, in which names could stand. */
function holdsMore(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to;) {
    // Anything but short scalar values takes the slow road.
    if (bytes[at] !== 10 || bytes[at + 1]! >= 0x80) return true
    const size = bytes[at + 1]!
    if (size > 0 && (bytes[at + 2] === LIST || bytes[at + 2] === MAP)) return true
    at += 2 + size
  }
  return false
}
