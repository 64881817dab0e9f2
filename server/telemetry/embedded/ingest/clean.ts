import { maskedValue, maskQuery } from '#shared/masked-keys'
import { readAnyValue } from '../otlp/any-value'
import { decodeText, WireReader } from '../otlp/wire'
import type { WireWriter } from '../otlp/wire-writer'
import { URL_QUERY, type AttributeKeys } from './attribute-keys'
import { BYTES, LIST, longestValue, MAP, TEXT } from './attribute-view'

/** More attributes, events or links than this are dropped and counted. */
export const mostPerSpan = 128
const deepest = 16

/** Where a message keeps its attributes, how many it says were dropped, and which messages inside have some too. */
interface Layout {
  attributes: number
  dropped?: number
  inside?: Record<number, { layout: Layout, dropped: number }>
}

const event: Layout = { attributes: 3, dropped: 4 }
const link: Layout = { attributes: 4, dropped: 5 }
export const spanLayout: Layout = { attributes: 9, dropped: 10, inside: { 11: { layout: event, dropped: 12 }, 13: { layout: link, dropped: 14 } } }
export const logLayout: Layout = { attributes: 6, dropped: 7 }
export const resourceLayout: Layout = { attributes: 1 }
export const pointLayout = (attributes: number): Layout => ({ attributes })

/**
 * Writes the message again without secrets, with long values cut and with no more than it may carry. Most messages
 * need none of it and are stored as they came; the scanner tells which do.
 */
export function cleanMessage(reader: WireReader, writer: WireWriter, layout: Layout, keys: AttributeKeys): void {
  const seen: Record<number, number> = {}
  const dropped: Record<number, number> = {}
  const counters = [layout.dropped, ...Object.values(layout.inside ?? {}).map(({ dropped }) => dropped)]
  while (reader.at < reader.end) {
    const start = reader.at
    const tag = reader.field()
    const number = tag >>> 3
    const inside = layout.inside?.[number]
    if ((number === layout.attributes || inside) && (tag & 7) === 2) {
      const end = reader.length()
      seen[number] = (seen[number] ?? 0) + 1
      if (seen[number] > mostPerSpan) {
        const counter = inside ? inside.dropped : layout.dropped
        if (counter) dropped[counter] = (dropped[counter] ?? 0) + 1
      }
      else {
        const from = writer.open(number)
        const inner = new WireReader(reader.bytes, reader.at, end)
        if (inside) cleanMessage(inner, writer, inside.layout, keys)
        else cleanKeyValue(inner, writer, keys, 0)
        writer.close(from)
      }
      reader.at = end
    }
    else if (counters.includes(number) && (tag & 7) === 0) dropped[number] = (dropped[number] ?? 0) + reader.varint()
    else {
      reader.skip(tag)
      writer.raw(reader.bytes, start, reader.at)
    }
  }
  for (const [number, count] of Object.entries(dropped)) {
    writer.varint(Number(number) << 3)
    writer.varint(Math.min(count, 0xFFFFFFFF))
  }
}

function cleanKeyValue(reader: WireReader, writer: WireWriter, keys: AttributeKeys, depth: number): void {
  let name: Uint8Array = new Uint8Array(0)
  let value: WireReader | undefined
  for (let tag = reader.field(); tag; tag = reader.field()) {
    if (tag === 10) name = reader.slice()
    else if (tag === 18) {
      const end = reader.length()
      value = new WireReader(reader.bytes, reader.at, end)
      reader.at = end
    }
    else reader.skip(tag)
  }
  const key = keys.find(name, 0, name.length)
  writer.field(1, name.length > longestValue ? name.subarray(0, longestValue) : name)
  if (!value) return
  const from = writer.open(2)
  if (key.masked && isTelling(value)) writer.text(1, maskedValue)
  else if (key.url) writeUrl(value, writer, keys, key.role === URL_QUERY)
  else cleanValue(value, writer, keys, depth)
  writer.close(from)
}

/** Numbers and truth values are no secrets. */
function isTelling({ bytes, at, end }: WireReader): boolean {
  return at < end && (bytes[at] === TEXT || bytes[at] === LIST || bytes[at] === MAP || bytes[at] === BYTES)
}

/** Writes the content of an AnyValue. */
export function cleanValue(reader: WireReader, writer: WireWriter, keys: AttributeKeys, depth: number, longest = longestValue): void {
  if (depth > deepest) {
    writer.text(1, '[nested too deep]')
    return
  }
  while (reader.at < reader.end) {
    const start = reader.at
    const tag = reader.field()
    if (tag === TEXT) {
      const end = reader.length()
      if (end - reader.at > longest) writer.text(1, cutText(decodeText(reader.bytes, reader.at, end), longest))
      else writer.raw(reader.bytes, start, end)
      reader.at = end
    }
    else if (tag === BYTES) {
      const end = reader.length()
      if (end - reader.at > longest) writer.text(1, `[cut, ${end - reader.at} bytes]`)
      else writer.raw(reader.bytes, start, end)
      reader.at = end
    }
    else if (tag === LIST || tag === MAP) {
      const end = reader.length()
      const inner = new WireReader(reader.bytes, reader.at, end)
      if (end - reader.at > longest) writer.text(1, cutText(JSON.stringify(masked(inner, tag, keys)), longest))
      else {
        const from = writer.open(tag >>> 3)
        for (let item = inner.field(); item; item = inner.field()) {
          if (item !== 10) {
            inner.skip(item)
            continue
          }
          const to = inner.length()
          const value = new WireReader(inner.bytes, inner.at, to)
          const itemFrom = writer.open(1)
          if (tag === LIST) cleanValue(value, writer, keys, depth + 1)
          else cleanKeyValue(value, writer, keys, depth + 1)
          writer.close(itemFrom)
          inner.at = to
        }
        writer.close(from)
      }
      reader.at = end
    }
    else {
      reader.skip(tag)
      writer.raw(reader.bytes, start, reader.at)
    }
  }
}

/** A large list or map becomes the beginning of its JSON; its secrets go first. */
function masked(content: WireReader, tag: number, keys: AttributeKeys): unknown {
  const whole = new Uint8Array(content.end - content.at + 12)
  const head = [tag]
  for (let rest = content.end - content.at; ; rest = rest >>> 7) {
    head.push(rest >= 128 ? rest & 0x7F | 0x80 : rest)
    if (rest < 128) break
  }
  whole.set(head)
  whole.set(content.bytes.subarray(content.at, content.end), head.length)
  return hideSecrets(readAnyValue(new WireReader(whole, 0, head.length + content.end - content.at)), keys)
}

function hideSecrets(value: unknown, keys: AttributeKeys): unknown {
  if (Array.isArray(value)) return value.map(item => hideSecrets(item, keys))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, keys.isMasked(name) && !['number', 'boolean'].includes(typeof item) ? maskedValue : hideSecrets(item, keys)]))
}

function writeUrl(value: WireReader, writer: WireWriter, keys: AttributeKeys, query: boolean): void {
  if (value.at >= value.end || value.bytes[value.at] !== TEXT) return cleanValue(value, writer, keys, 0)
  value.field()
  writer.text(1, cutText(maskQuery(value.text(), keys.isMasked, query), longestValue))
}

/** The beginning, with how much is missing. Counted in bytes, cut between characters. */
export function cutText(text: string, longest: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= longest) return text
  let end = longest
  while (end > 0 && (bytes[end]! & 0xC0) === 0x80) end--
  return `${bytes.toString('utf8', 0, end)}… [cut, ${bytes.length} bytes]`
}
