import { SpanFacts, type ResourceFacts, type ScopeFacts, type TraceGroup } from './facts'
import { Rejections, type Rejection } from './rejections'
import { hashOf, type TraceBatch } from './scan-traces'

/**
 * What was read of a batch, on its way to the thread that writes it: numbers in two arrays that move instead of being
 * copied, every text once, and the spans' own bytes where they lie in the body. Spans stand trace by trace.
 */
export interface PackedTraces {
  /** 16 bytes and the number of spans, of each trace. */
  traceIds: Uint8Array
  sizes: Uint32Array
  /** Of each span, in the order of `pack`. */
  words: Uint32Array
  times: Float64Array
  /** The first stands for "none". */
  texts: (string | undefined)[]
  resources: ResourceFacts[]
  scopes: ScopeFacts[]
  /** Spans that could not stay as they came, one after the other. */
  cleaned: Uint8Array
  rejected: Rejection[]
}

const wordsPerSpan = 20
const timesPerSpan = 3

/** `bytes` is the request that the batch was read from. */
export function packTraces({ groups, rejected }: TraceBatch, bytes: Uint8Array): PackedTraces {
  let count = 0
  let cleanedSize = 0
  for (const { spans } of groups) {
    count += spans.length
    for (const span of spans) if (span.bytes !== bytes) cleanedSize += span.to - span.from
  }
  const words = new Uint32Array(count * wordsPerSpan)
  const times = new Float64Array(count * timesPerSpan)
  const traceIds = new Uint8Array(groups.length * 16)
  const cleaned = new Uint8Array(cleanedSize)
  const texts = new Numbered<string | undefined>(undefined)
  const resources = new Numbered<ResourceFacts>()
  const scopes = new Numbered<ScopeFacts>()
  let word = 0
  let time = 0
  let cleanedAt = 0
  for (const [index, { traceId, spans }] of groups.entries()) {
    traceIds.set(traceId, index * 16)
    for (const span of spans) {
      const isCleaned = span.bytes !== bytes
      const from = isCleaned ? cleanedAt : span.from
      if (isCleaned) {
        cleaned.set(span.bytes.subarray(span.from, span.to), cleanedAt)
        cleanedAt += span.to - span.from
      }
      words[word++] = from
      words[word++] = from + span.to - span.from
      words[word++] = span.kind | Math.min(span.statusCode, 3) << 3 | (span.weighed ? 1 : 0) << 5 | (isCleaned ? 1 : 0) << 6 | span.remoteKind << 7
      words[word++] = span.idHigh
      words[word++] = span.idLow
      words[word++] = span.parentHigh
      words[word++] = span.parentLow
      words[word++] = resources.of(span.resource)
      words[word++] = scopes.of(span.scope)
      words[word++] = span.status
      words[word++] = texts.of(span.name)
      words[word++] = texts.of(span.method)
      words[word++] = texts.of(span.route)
      words[word++] = texts.of(span.path)
      words[word++] = texts.of(span.consumer)
      words[word++] = texts.of(span.errorType)
      words[word++] = texts.of(span.message)
      words[word++] = texts.of(span.remote)
      words[word++] = texts.of(span.destination)
      words[word++] = texts.of(span.rpc)
      times[time++] = span.start
      times[time++] = span.duration
      times[time++] = span.weight
    }
  }
  return {
    traceIds, sizes: Uint32Array.from(groups, ({ spans }) => spans.length), words, times, cleaned,
    texts: texts.list, resources: resources.list.map(ownBytes), scopes: scopes.list, rejected: rejected.list,
  }
}

export function unpackTraces(packed: PackedTraces, bytes: Uint8Array): TraceBatch {
  const { traceIds, sizes, words, times, texts, scopes, cleaned } = packed
  // Buffers arrive as plain arrays.
  const resources = packed.resources.map(facts => ({ ...facts, digest: Buffer.from(facts.digest), data: Buffer.from(facts.data) }))
  const groups: TraceGroup[] = []
  let word = 0
  let time = 0
  for (let index = 0; index < sizes.length; index++) {
    const traceId = traceIds.subarray(index * 16, index * 16 + 16)
    const spans: SpanFacts[] = []
    for (let left = sizes[index]!; left > 0; left--) {
      const from = words[word++]!
      const to = words[word++]!
      const flags = words[word++]!
      const ids = word
      const span = new SpanFacts((flags >> 6 & 1) === 1 ? cleaned : bytes, from, to, resources[words[ids + 4]!]!, scopes[words[ids + 5]!]!)
      span.kind = flags & 7
      span.statusCode = flags >> 3 & 3
      span.weighed = (flags >> 5 & 1) === 1
      span.remoteKind = flags >> 7
      span.idHigh = words[ids]!
      span.idLow = words[ids + 1]!
      span.parentHigh = words[ids + 2]!
      span.parentLow = words[ids + 3]!
      word += 6
      span.status = words[word++]!
      span.name = texts[words[word++]!]!
      span.method = texts[words[word++]!]
      span.route = texts[words[word++]!]
      span.path = texts[words[word++]!]
      span.consumer = texts[words[word++]!]
      span.errorType = texts[words[word++]!]
      span.message = texts[words[word++]!]
      span.remote = texts[words[word++]!]
      span.destination = texts[words[word++]!]
      span.rpc = texts[words[word++]!]
      span.start = times[time++]!
      span.duration = times[time++]!
      span.weight = times[time++]!
      spans.push(span)
    }
    groups.push({ traceId, hash: hashOf(traceId), spans })
  }
  return { groups, rejected: new Rejections(packed.rejected) }
}

/** What can move with it. */
export function buffersOf({ traceIds, sizes, words, times, cleaned }: PackedTraces): ArrayBuffer[] {
  return [traceIds, sizes, words, times, cleaned].map(({ buffer }) => buffer as ArrayBuffer)
}

/** A number for each of what repeats. */
class Numbered<T> {
  readonly list: T[]
  private numbers = new Map<T, number>()

  constructor(...list: T[]) {
    this.list = list
    for (const [number, entry] of list.entries()) this.numbers.set(entry, number)
  }

  of(entry: T): number {
    let number = this.numbers.get(entry)
    if (number === undefined) {
      number = this.list.push(entry) - 1
      this.numbers.set(entry, number)
    }
    return number
  }
}

/** A short buffer may be a piece of a large shared one, which would be sent whole. */
function ownBytes(facts: ResourceFacts): ResourceFacts {
  return { ...facts, digest: Uint8Array.from(facts.digest) as Buffer, data: Uint8Array.from(facts.data) as Buffer }
}
