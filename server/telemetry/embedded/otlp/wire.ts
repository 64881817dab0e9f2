/** Bytes that are not what they claim to be; answered 400, and never retried. */
export class MalformedBody extends Error {}

/**
 * Walks protobuf bytes without making objects: `field()` gives the next tag until 0, and each value is read or
 * skipped where it stands. Every length is checked against the bytes there are.
 */
export class WireReader {
  bytes: Uint8Array
  at: number
  end: number

  constructor(bytes: Uint8Array, from = 0, to = bytes.length) {
    this.bytes = bytes
    this.at = from
    this.end = to
  }

  /** Moves to another stretch of the same bytes. */
  range(from: number, to: number): this {
    this.at = from
    this.end = to
    return this
  }

  /** Tag of the next field (number << 3 | type), 0 at the end. */
  field(): number {
    if (this.at >= this.end) return 0
    const tag = this.varint()
    if (tag < 8 || tag > 0xFFFFFFFF) throw new MalformedBody('field number')
    return tag
  }

  /** Unsigned; what is beyond 2^53 loses its last digits. */
  varint(): number {
    const { bytes, end } = this
    let at = this.at
    if (at < end) {
      const first = bytes[at]!
      if (first < 0x80) {
        this.at = at + 1
        return first
      }
    }
    let value = 0
    let scale = 1
    for (let count = 0; count < 10; count++) {
      if (at >= end) throw new MalformedBody('truncated number')
      const byte = bytes[at++]!
      value += (byte & 0x7F) * scale
      if (byte < 0x80) {
        this.at = at
        return value
      }
      scale *= 128
    }
    throw new MalformedBody('number too long')
  }

  /** Signed 64 bits in all digits: a number where it fits one, else decimal text. */
  int64(): number | string {
    let low = 0n
    let shift = 0n
    for (let count = 0; count < 10; count++) {
      if (this.at >= this.end) throw new MalformedBody('truncated number')
      const byte = this.bytes[this.at++]!
      low |= BigInt(byte & 0x7F) << shift
      if (byte < 0x80) {
        const value = BigInt.asIntN(64, low)
        return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value.toString()
      }
      shift += 7n
    }
    throw new MalformedBody('number too long')
  }

  /** Reads a length and gives the end of what it covers; `at` is its beginning. */
  length(): number {
    const end = this.varint() + this.at
    if (end > this.end) throw new MalformedBody('truncated field')
    return end
  }

  fixed32(): number {
    const at = this.at
    if (at + 4 > this.end) throw new MalformedBody('truncated field')
    this.at = at + 4
    const { bytes } = this
    return (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24) >>> 0
  }

  fixed64(): bigint {
    const low = this.fixed32()
    return BigInt(this.fixed32()) << 32n | BigInt(low)
  }

  double(): number {
    const low = this.fixed32()
    words[0] = low
    words[1] = this.fixed32()
    return double[0]!
  }

  text(): string {
    const end = this.length()
    const text = decodeText(this.bytes, this.at, end)
    this.at = end
    return text
  }

  /** A view of the bytes, not a copy. */
  slice(): Uint8Array {
    const end = this.length()
    const slice = this.bytes.subarray(this.at, end)
    this.at = end
    return slice
  }

  /** Passes over the value of a field of any type. */
  skip(tag: number): void {
    switch (tag & 7) {
      case 0:
        this.varint()
        return
      case 1:
        this.at += 8
        break
      case 2:
        this.at = this.length()
        return
      case 5:
        this.at += 4
        break
      default:
        throw new MalformedBody('field type')
    }
    if (this.at > this.end) throw new MalformedBody('truncated field')
  }
}

const words = new Uint32Array(2)
const double = new Float64Array(words.buffer)

/** UTF-8; what is not becomes U+FFFD. */
export function decodeText(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.prototype.utf8Slice.call(bytes, from, to)
}

/** Tag of a field: its number and wire type (0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes). */
export function tagOf(field: number, type: 0 | 1 | 2 | 5): number {
  return field << 3 | type
}
