import { levelRank, logLevels } from '#shared/log-level'
import { readAnyValue } from '../otlp/any-value'
import { decodeText, WireReader } from '../otlp/wire'
import { WireWriter } from '../otlp/wire-writer'
import * as role from './attribute-keys'
import type { AttributeKeys } from './attribute-keys'
import { AttributeView, TEXT } from './attribute-view'
import { cleanMessage, cleanValue, cutText, logLayout, mostPerSpan } from './clean'
import type { ResourceFacts, ScopeFacts } from './facts'
import { BodyTooLarge, mostAhead, mostItems, Rejections } from './rejections'
import { scanEnvelope } from './scan-envelope'
import type { Resources } from './scan-resource'
import type { ScanLimits } from './scan-traces'

/** Longer bodies are cut and marked: a stack trace fits, a dump does not. */
const longestBody = 16_384

export interface LogFacts {
  resource: ResourceFacts
  scope: ScopeFacts
  /** Nanoseconds since the epoch. */
  nanos: bigint
  /** Milliseconds. */
  observedAt: number
  /** 0 trace to 5 fatal. */
  level: number
  levelText: string
  body: string
  /** What the full-text index reads beside the body. */
  exception: string
  traceId: Uint8Array | undefined
  spanId: Uint8Array | undefined
  /** Attributes as a Resource message would hold them. */
  attributes: Buffer
}

export interface LogBatch {
  lines: LogFacts[]
  rejected: Rejections
}

/** Reads an ExportLogsServiceRequest. */
export class LogScanner {
  private view = new AttributeView()
  private writer = new WireWriter()
  private cleaned = new WireWriter()
  private keys: AttributeKeys
  private resources: Resources

  constructor({ keys, resources }: { keys: AttributeKeys, resources: Resources }) {
    this.keys = keys
    this.resources = resources
  }

  scan(bytes: Uint8Array, limits: ScanLimits): LogBatch {
    const lines: LogFacts[] = []
    const rejected = new Rejections()
    let seen = 0
    scanEnvelope(bytes, { resources: this.resources, keys: this.keys }, (reader, resource, scope) => {
      if (++seen > mostItems) throw new BodyTooLarge(`more than ${mostItems} log records`)
      if (!limits.allows(resource.service)) return rejected.add(resource.service, 'service_not_allowed')
      const line = this.line(reader, resource, scope, limits)
      const reason = reasonAgainst(line, limits)
      if (reason) rejected.add(resource.service, reason)
      else lines.push(line)
    })
    return { lines, rejected }
  }

  private line(record: WireReader, resource: ResourceFacts, scope: ScopeFacts, limits: ScanLimits): LogFacts {
    const { view, keys } = this
    let reader = record
    if (this.isUnclean(new WireReader(record.bytes, record.at, record.end))) {
      cleanMessage(record, this.cleaned.reset(), logLayout, keys)
      reader = new WireReader(this.cleaned.take())
    }
    const { bytes } = reader
    const line: LogFacts = {
      resource, scope, nanos: 0n, observedAt: 0, level: 2, levelText: '', body: '', exception: '', traceId: undefined, spanId: undefined, attributes: emptyAttributes,
    }
    let observed = 0n
    let severity = 0
    let eventName = ''
    this.writer.reset()
    for (let tag = reader.field(); tag; tag = reader.field()) {
      switch (tag) {
        case 9:
          line.nanos = reader.fixed64()
          break
        case 89:
          observed = reader.fixed64()
          break
        case 16:
          severity = reader.varint()
          break
        case 26:
          line.levelText = reader.text().slice(0, 40)
          break
        case 42: {
          const to = reader.length()
          line.body = this.body(new WireReader(bytes, reader.at, to))
          reader.at = to
          break
        }
        case 50: {
          const to = reader.length()
          const from = reader.at
          view.read(reader, to, keys)
          this.attribute(line, bytes)
          this.writer.varint(10)
          this.writer.varint(to - from)
          this.writer.raw(bytes, from, to)
          break
        }
        case 74:
          line.traceId = idOf(reader.slice(), 16) ?? line.traceId
          break
        case 82:
          line.spanId = idOf(reader.slice(), 8) ?? line.spanId
          break
        case 98:
          eventName = reader.text().slice(0, 200)
          break
        default:
          reader.skip(tag)
      }
    }
    if (this.writer.at > 0) line.attributes = this.writer.take()
    line.body ||= eventName
    line.level = levelRank(severity, line.levelText)
    line.levelText ||= levelNames[line.level]!
    line.nanos ||= observed
    line.observedAt = Number(observed / 1_000_000n) || limits.now
    return line
  }

  private attribute(line: LogFacts, bytes: Uint8Array) {
    const { view } = this
    if (view.tag !== TEXT) return
    const key = view.key!
    if (key.role === role.EXCEPTION_TYPE || key.role === role.EXCEPTION_MESSAGE) line.exception += ` ${decodeText(bytes, view.from, view.to)}`
    // Bridges that know no trace context put it among the attributes.
    else if (key.name === 'trace_id' || key.name === 'traceId') line.traceId ??= hexId(bytes, view, 16)
    else if (key.name === 'span_id' || key.name === 'spanId') line.spanId ??= hexId(bytes, view, 8)
  }

  /** A text as it is; anything else as JSON, without secrets. */
  private body(reader: WireReader): string {
    if (reader.at >= reader.end) return ''
    if (reader.bytes[reader.at] === TEXT) {
      reader.field()
      return cutText(reader.text(), longestBody)
    }
    const writer = new WireWriter()
    cleanValue(reader, writer, this.keys, 0, longestBody)
    const value = readAnyValue(new WireReader(writer.bytes, 0, writer.at))
    return typeof value === 'string' ? value : cutText(JSON.stringify(value), longestBody)
  }

  private isUnclean(reader: WireReader): boolean {
    let attributes = 0
    for (let tag = reader.field(); tag; tag = reader.field()) {
      if (tag !== 50) {
        reader.skip(tag)
        continue
      }
      this.view.read(reader, reader.length(), this.keys)
      if (++attributes > mostPerSpan || this.view.isUnclean(reader.bytes)) return true
    }
    return false
  }
}

const emptyAttributes = Buffer.alloc(0)
const levelNames = logLevels.map(level => level.toUpperCase())

function reasonAgainst({ nanos }: LogFacts, { now, days }: ScanLimits): 'no_time' | 'in_the_future' | 'too_old' | undefined {
  if (nanos === 0n) return 'no_time'
  const at = Number(nanos / 1_000_000n)
  if (at > now + mostAhead) return 'in_the_future'
  return at < now - days * 86_400_000 ? 'too_old' : undefined
}

/** Undefined for none: empty, all zero, or of another size. */
function idOf(bytes: Uint8Array, size: number): Uint8Array | undefined {
  return bytes.length === size && bytes.some(byte => byte !== 0) ? bytes.slice() : undefined
}

function hexId(bytes: Uint8Array, view: AttributeView, size: number): Uint8Array | undefined {
  if (view.to - view.from !== size * 2) return undefined
  const text = decodeText(bytes, view.from, view.to)
  return /^[\da-f]+$/i.test(text) ? idOf(Buffer.from(text, 'hex'), size) : undefined
}
