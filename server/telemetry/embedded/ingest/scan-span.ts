import { MalformedBody, WireReader } from '../otlp/wire'
import * as role from './attribute-keys'
import type { AttributeKeys } from './attribute-keys'
import { AttributeView, longestValue, TEXT } from './attribute-view'
import { mostPerSpan } from './clean'
import { CLIENT, CONSUMER_KIND, PRODUCER, REMOTE_ADDRESS, REMOTE_DATABASE, REMOTE_MESSAGING, REMOTE_SERVICE, SpanFacts, type ResourceFacts, type ScopeFacts } from './facts'
import { weightOf } from './sampling'
import type { Texts } from './texts'

/**
 * Reads one Span message: only what the store must know, leaving the span as the bytes it came in. One pass, a handful
 * of numbers and shared strings. Ingest and the reading of stored segments use the same one.
 */
export class SpanScanner {
  // What a caller may want to know of the message just read.
  traceAt = 0
  traceSize = 0
  idSize = 0
  /** It holds secrets or too much, and may not be stored as it is. */
  unclean = false

  private reader = new WireReader(new Uint8Array(0))
  private view = new AttributeView()
  private keys: AttributeKeys
  private texts: Texts
  // Ranks of the attributes that won so far, and what makes up the remote.
  private ranks = new Int32Array(32)
  private port = 0
  private address: string | undefined
  private peer: string | undefined
  private peerPort = 0
  private peerService: string | undefined
  private dbSystem: string | undefined
  private dbName: string | undefined
  private messagingSystem: string | undefined
  private rpcSystem: string | undefined
  private rpcService: string | undefined
  private rpcMethod: string | undefined

  constructor({ keys, texts }: { keys: AttributeKeys, texts: Texts }) {
    this.keys = keys
    this.texts = texts
  }

  read(bytes: Uint8Array, start: number, end: number, resource: ResourceFacts, scope: ScopeFacts): SpanFacts {
    const { reader } = this
    reader.bytes = bytes
    reader.range(start, end)
    const span = new SpanFacts(bytes, start, end, resource, scope)
    this.traceSize = this.idSize = 0
    this.ranks.fill(99)
    this.address = this.peer = this.peerService = this.dbSystem = this.dbName = this.messagingSystem = this.rpcSystem = this.rpcService = this.rpcMethod = undefined
    this.port = this.peerPort = 0

    let attributes = 0
    let events = 0
    let links = 0
    let unclean = false
    let firstEvent = 0
    let startLow = 0
    let startHigh = 0
    let endLow = 0
    let endHigh = 0
    while (reader.at < end) {
      const tag = reader.varint()
      switch (tag) {
        case 10: {
          const to = reader.length()
          this.traceAt = reader.at
          this.traceSize = to - reader.at
          reader.at = to
          break
        }
        case 18: {
          const to = reader.length()
          const at = reader.at
          this.idSize = to - at
          if (to - at === 8) {
            span.idHigh = word(bytes, at)
            span.idLow = word(bytes, at + 4)
          }
          reader.at = to
          break
        }
        case 26: {
          const to = reader.length()
          if (to > reader.at) {
            const weight = weightOf(this.texts.get(bytes, reader.at, to))
            if (weight !== undefined) {
              span.weight = weight
              span.weighed = true
            }
          }
          reader.at = to
          break
        }
        case 34: {
          const to = reader.length()
          const at = reader.at
          if (to - at === 8) {
            span.parentHigh = word(bytes, at)
            span.parentLow = word(bytes, at + 4)
          }
          reader.at = to
          break
        }
        case 42: {
          const to = reader.length()
          if (to - reader.at > longestValue) unclean = true
          span.name = this.texts.get(bytes, reader.at, to)
          reader.at = to
          break
        }
        case 48: {
          const kind = reader.varint()
          span.kind = kind >= 1 && kind <= 5 ? kind : 1
          break
        }
        case 57:
          startLow = reader.fixed32()
          startHigh = reader.fixed32()
          break
        case 65:
          endLow = reader.fixed32()
          endHigh = reader.fixed32()
          break
        case 74:
          if (++attributes > mostPerSpan) unclean = true
          this.view.read(reader, reader.length(), this.keys)
          if (this.view.isUnclean(bytes)) unclean = true
          if (this.view.key!.role !== role.PLAIN) this.attribute(span)
          break
        case 90: {
          const to = reader.length()
          if (++events > mostPerSpan) unclean = true
          if (events === 1) firstEvent = reader.at
          if (this.event(to, undefined)) unclean = true
          break
        }
        case 106: {
          const to = reader.length()
          if (++links > mostPerSpan) unclean = true
          if (this.link(to)) unclean = true
          break
        }
        case 122:
          if (this.status(reader.length(), span)) unclean = true
          break
        default:
          if (tag < 8) throw new MalformedBody('field number')
          reader.skip(tag)
      }
    }

    if (startLow === 0 && startHigh === 0) {
      startLow = endLow
      startHigh = endHigh
    }
    span.start = micros(startLow, startHigh)
    // An end before its start is a point in time, never a negative bar.
    span.duration = Math.max(0, Math.floor(((endHigh - startHigh) * 4294967296 + (endLow - startLow)) / 1000))
    this.remote(span)
    if (this.rpcMethod || this.rpcService) span.rpc = `/${[this.rpcService, this.rpcMethod].filter(Boolean).join('/')}`
    span.system = this.dbSystem ?? this.messagingSystem ?? this.rpcSystem
    if (firstEvent > 0 && span.failed) this.exception(span, start, end)
    this.unclean = unclean
    return span
  }

  private attribute(span: SpanFacts) {
    const { view, ranks, reader: { bytes } } = this
    const key = view.key!
    if (key.rank >= ranks[key.role]!) return
    if (key.role === role.HTTP_STATUS || key.role === role.SERVER_PORT || key.role === role.NETWORK_PEER_PORT) {
      const value = view.smallNumber(this.reader)
      if (value === undefined) return
      ranks[key.role] = key.rank
      if (key.role === role.SERVER_PORT) this.port = value
      else if (key.role === role.NETWORK_PEER_PORT) this.peerPort = value
      else span.status = value >= 100 && value <= 599 ? value : 0
      return
    }
    if (view.tag !== TEXT || view.from === view.to) {
      // Java agents send captured headers as lists of one.
      if (key.role === role.CONSUMER) {
        const value = scalar(bytes, view)
        if (value === undefined) return
        ranks[key.role] = key.rank
        span.consumer = value.slice(0, 200)
      }
      return
    }
    ranks[key.role] = key.rank
    switch (key.role) {
      case role.HTTP_METHOD:
        span.method = text(bytes, view, this.texts)
        break
      case role.HTTP_ROUTE:
        span.route = text(bytes, view, this.texts)
        break
      case role.URL_PATH:
        span.path = decodeShort(bytes, view.from, view.to, 2048)
        break
      case role.ERROR_TYPE:
        span.errorType = text(bytes, view, this.texts)
        break
      case role.CONSUMER:
        span.consumer = text(bytes, view, this.texts).slice(0, 200)
        break
      case role.PEER_SERVICE:
        this.peerService = text(bytes, view, this.texts)
        break
      case role.SERVER_ADDRESS:
        this.address = text(bytes, view, this.texts)
        break
      case role.NETWORK_PEER:
        this.peer = text(bytes, view, this.texts)
        break
      case role.DB_SYSTEM:
        this.dbSystem = text(bytes, view, this.texts)
        break
      case role.DB_NAMESPACE:
        this.dbName = text(bytes, view, this.texts)
        break
      case role.DESTINATION:
        span.destination = text(bytes, view, this.texts)
        break
      case role.MESSAGING_SYSTEM:
        this.messagingSystem = text(bytes, view, this.texts)
        break
      case role.RPC_SYSTEM:
        this.rpcSystem = text(bytes, view, this.texts)
        break
      case role.RPC_SERVICE:
        this.rpcService = text(bytes, view, this.texts)
        break
      case role.RPC_METHOD:
        this.rpcMethod = text(bytes, view, this.texts)
    }
  }

  /** Whom a CLIENT, PRODUCER or CONSUMER span says it talks to, the most telling name first. */
  private remote(span: SpanFacts) {
    if (span.kind !== CLIENT && span.kind !== PRODUCER && span.kind !== CONSUMER_KIND) return
    if (this.peerService) {
      span.remote = this.peerService.trim().toLowerCase()
      span.remoteKind = REMOTE_SERVICE
    }
    else if (this.dbSystem) {
      span.remote = this.dbName ? `${this.dbSystem}/${this.dbName}` : this.dbSystem
      span.remoteKind = REMOTE_DATABASE
    }
    else if (span.destination) {
      span.remote = span.destination
      span.remoteKind = REMOTE_MESSAGING
    }
    else {
      const address = this.address ?? this.peer
      if (!address) return
      const port = this.address === undefined ? this.peerPort : this.port
      span.remote = port > 0 && !/:\d+$/.test(address) ? `${address}:${port}` : address
      span.remoteKind = REMOTE_ADDRESS
    }
    if (span.remote.length > 200) span.remote = span.remote.slice(0, 200)
  }

  /** Passes over an event, or reads the exception in it; true where it needs cleaning. */
  private event(end: number, span: SpanFacts | undefined): boolean {
    const { reader, view } = this
    const { bytes } = reader
    const outer = reader.end
    reader.end = end
    let unclean = false
    let attributes = 0
    while (reader.at < end) {
      const tag = reader.varint()
      if (tag === 26) {
        view.read(reader, reader.length(), this.keys)
        if (++attributes > mostPerSpan || view.isUnclean(bytes)) unclean = true
        if (span && view.tag === TEXT) {
          if (view.key!.role === role.EXCEPTION_TYPE) span.errorType = text(bytes, view, this.texts)
          else if (view.key!.role === role.EXCEPTION_MESSAGE) span.message ??= decodeShort(bytes, view.from, view.to)
        }
      }
      else if (tag < 8) throw new MalformedBody('field number')
      else reader.skip(tag)
    }
    reader.range(end, outer)
    return unclean
  }

  private link(end: number): boolean {
    const { reader, view } = this
    const outer = reader.end
    reader.end = end
    let unclean = false
    let attributes = 0
    for (let tag = reader.field(); tag; tag = reader.field()) {
      if (tag === 34) {
        view.read(reader, reader.length(), this.keys)
        if (++attributes > mostPerSpan || view.isUnclean(reader.bytes)) unclean = true
      }
      else reader.skip(tag)
    }
    reader.range(end, outer)
    return unclean
  }

  private status(end: number, span: SpanFacts): boolean {
    const { reader } = this
    const outer = reader.end
    reader.end = end
    let unclean = false
    for (let tag = reader.field(); tag; tag = reader.field()) {
      if (tag === 24) span.statusCode = reader.varint()
      else if (tag === 18) {
        const to = reader.length()
        unclean = to - reader.at > longestValue
        if (to > reader.at) span.message = decodeShort(reader.bytes, reader.at, to)
        reader.at = to
      }
      else reader.skip(tag)
    }
    reader.range(end, outer)
    return unclean
  }

  /** A failed span's exception: a second look, which only failures pay for. */
  private exception(span: SpanFacts, from: number, to: number) {
    const { reader } = this
    const named = span.errorType
    reader.range(from, to)
    for (let tag = reader.field(); tag; tag = reader.field()) {
      if (tag === 90) this.event(reader.length(), span)
      else reader.skip(tag)
    }
    // A status code says less than the exception; anything else the sender chose to call it says more.
    if (named !== undefined && !/^\d{3}$/.test(named)) span.errorType = named
  }
}

const text = (bytes: Uint8Array, view: AttributeView, texts: Texts) => texts.get(bytes, view.from, view.to)

/** Four bytes of an id, the first one highest. */
export function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!) >>> 0
}

/** Nanoseconds of two 32-bit halves as whole microseconds, exactly: 2^32 = 4294967 * 1000 + 296. */
function micros(low: number, high: number): number {
  return high * 4294967 + Math.floor((high * 296 + low) / 1000)
}

function decodeShort(bytes: Uint8Array, from: number, to: number, longest = 512): string {
  return Buffer.prototype.utf8Slice.call(bytes, from, Math.min(to, from + longest))
}

/** A number, or the first of a list of texts. */
function scalar(bytes: Uint8Array, view: AttributeView): string | undefined {
  if (view.tag === 24) {
    return String(new WireReader(bytes, view.from, view.to).int64())
  }
  if (view.tag !== 42 || view.from === view.to) return undefined
  const reader = new WireReader(bytes, view.from, view.to)
  if (reader.field() !== 10) return undefined
  reader.length()
  return reader.field() === TEXT ? reader.text() : undefined
}

