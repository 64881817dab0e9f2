/** Grows as it is written to; made once and used again. */
export class WireWriter {
  bytes: Buffer
  at = 0

  constructor(size = 4096) {
    this.bytes = Buffer.allocUnsafeSlow(size)
  }

  reset(): this {
    this.at = 0
    return this
  }

  /** A copy of what was written. */
  take(): Buffer {
    const copy = Buffer.allocUnsafeSlow(this.at)
    this.bytes.copy(copy, 0, 0, this.at)
    return copy
  }

  /** What was written, good until the next write: for who copies it himself, as the database does. */
  view(): Buffer {
    return this.bytes.subarray(0, this.at)
  }

  room(size: number): void {
    if (this.at + size <= this.bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.at + size))
    this.bytes.copy(larger, 0, 0, this.at)
    this.bytes = larger
  }

  byte(value: number): void {
    this.room(1)
    this.bytes[this.at++] = value
  }

  /** A whole number from 0 up to 2^53. */
  varint(value: number): void {
    this.room(8)
    const { bytes } = this
    let at = this.at
    while (value >= 0x80) {
      bytes[at++] = value % 128 | 0x80
      value = Math.floor(value / 128)
    }
    bytes[at++] = value
    this.at = at
  }

  int64(value: bigint): void {
    this.room(10)
    let rest = BigInt.asUintN(64, value)
    while (rest >= 0x80n) {
      this.bytes[this.at++] = Number(rest & 0x7Fn) | 0x80
      rest >>= 7n
    }
    this.bytes[this.at++] = Number(rest)
  }

  fixed32(value: number): void {
    this.room(4)
    this.at = this.bytes.writeUInt32LE(value >>> 0, this.at)
  }

  fixed64(value: bigint): void {
    this.room(8)
    this.at = this.bytes.writeBigUInt64LE(BigInt.asUintN(64, value), this.at)
  }

  double(value: number): void {
    this.room(8)
    this.at = this.bytes.writeDoubleLE(value, this.at)
  }

  raw(bytes: Uint8Array, from = 0, to = bytes.length): void {
    this.room(to - from)
    if (to - from < 64) for (let i = from; i < to; i++) this.bytes[this.at++] = bytes[i]!
    else {
      this.bytes.set(bytes.subarray(from, to), this.at)
      this.at += to - from
    }
  }

  /** A length-delimited field. */
  field(number: number, bytes: Uint8Array): void {
    this.varint(number << 3 | 2)
    this.varint(bytes.length)
    this.raw(bytes)
  }

  text(number: number, text: string): void {
    this.varint(number << 3 | 2)
    const size = Buffer.byteLength(text)
    this.varint(size)
    this.room(size)
    this.bytes.write(text, this.at)
    this.at += size
  }

  /** Begins a nested message; give the answer to `close`. */
  open(number: number): number {
    this.varint(number << 3 | 2)
    this.byte(0)
    return this.at
  }

  /** Ends it: its length is known now, and what is longer than one digit moves the content on. */
  close(from: number): void {
    const size = this.at - from
    let digits = 1
    for (let rest = size; rest >= 128; rest = Math.floor(rest / 128)) digits++
    if (digits > 1) {
      this.room(digits - 1)
      this.bytes.copyWithin(from + digits - 1, from, this.at)
    }
    this.at = from - 1
    this.varint(size)
    this.at = from + digits - 1 + size
  }
}
