import { readAnyValue } from '../otlp/any-value'
import { decodeText, WireReader } from '../otlp/wire'
import type { PackedSpan } from '../traces/segment'

/** Whether a span carries all of these attributes, compared as text; only the values of wanted keys are decoded. */
export function spanHas({ bytes, from, to }: PackedSpan, wanted: readonly { key: string, value: string }[]): boolean {
  const missing = new Set(wanted)
  const reader = new WireReader(bytes, from, to)
  for (let tag = reader.field(); tag; tag = reader.field()) {
    if (tag !== 74) {
      reader.skip(tag)
      continue
    }
    const end = reader.length()
    for (const entry of missing) if (isAttribute(new WireReader(bytes, reader.at, end), entry)) missing.delete(entry)
    if (missing.size === 0) return true
    reader.at = end
  }
  return false
}

export function isAttribute(reader: WireReader, { key, value }: { key: string, value: string }): boolean {
  let matches = false
  for (let tag = reader.field(); tag; tag = reader.field()) {
    if (tag === 10) {
      const end = reader.length()
      if (end - reader.at < key.length || decodeText(reader.bytes, reader.at, end) !== key) return false
      reader.at = end
      matches = true
    }
    else if (tag === 18 && matches) {
      const end = reader.length()
      return asText(readAnyValue(new WireReader(reader.bytes, reader.at, end))) === value
    }
    else reader.skip(tag)
  }
  return false
}

export function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
