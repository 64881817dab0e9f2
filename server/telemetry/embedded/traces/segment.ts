import { MalformedBody, WireReader } from '../otlp/wire'
import type { WireWriter } from '../otlp/wire-writer'

const version = 1

/** A span as a segment keeps it. */
export interface PackedSpan {
  resourceId: number
  scopeId: number
  /** An OTLP Span message, without its trace id where that came first. */
  bytes: Uint8Array
  from: number
  to: number
}

/** Begins a segment; spans follow one by one. */
export function beginSegment(writer: WireWriter): void {
  writer.reset().byte(version)
}

/** Every span says its trace id, which the segment knows: left out where it can be done without parsing. */
export function addToSegment(writer: WireWriter, { resourceId, scopeId, bytes, from, to }: PackedSpan): void {
  const start = bytes[from] === 10 && (bytes[from + 1] === 16 || bytes[from + 1] === 8) ? from + 2 + bytes[from + 1]! : from
  writer.varint(resourceId)
  writer.varint(scopeId)
  writer.varint(to - start)
  writer.raw(bytes, start, to)
}

export function* readSegment(data: Uint8Array): Generator<PackedSpan> {
  const reader = new WireReader(data)
  if (reader.varint() !== version) throw new MalformedBody('segment of another release')
  while (reader.at < reader.end) {
    const resourceId = reader.varint()
    const scopeId = reader.varint()
    const to = reader.length()
    yield { resourceId, scopeId, bytes: data, from: reader.at, to }
    reader.at = to
  }
}
