import { maskedValue, maskQuery, urlKeys } from '#shared/masked-keys'
import type { SkeletonSpan } from '#shared/trace/skeleton-span'
import type { AttributeValue, Attributes, Span, SpanEvent, SpanLink } from '#shared/trace/span'
import type { ZipkinSpan } from './zipkin-span'

/** First of several names of one thing, old and new; fleets are mixed. */
export function tagOf({ tags }: ZipkinSpan, ...names: string[]): string | undefined {
  for (const name of names) {
    const value = tags.get(name)
    if (value) return value
  }
  return undefined
}

export function statusOf(span: ZipkinSpan): Span['status'] {
  // The Collector writes either spelling, by its release.
  const code = tagOf(span, 'otel.status_code')?.replace(/^STATUS_CODE_/, '')
  if (code === 'ERROR') return 'error'
  if (code === 'OK') return 'ok'
  // Its presence says it, an empty value too; a few senders write the opposite.
  const error = span.tags.get('error')
  return error !== undefined && error !== 'false' ? 'error' : 'unset'
}

/** A span may carry both conventions; the stable one wins. */
export function httpStatusOf(span: ZipkinSpan): number | undefined {
  const status = Number(tagOf(span, 'http.response.status_code', 'http.status_code'))
  return Number.isInteger(status) && status >= 100 && status <= 599 ? status : undefined
}

/** `exception|{"exception.type":"…"}|0`: name, attributes as JSON, how many were dropped. Others are names alone. */
export function eventOf({ at, value }: ZipkinSpan['annotations'][number]): SpanEvent {
  const last = value.lastIndexOf('|')
  // A bar in a name is not escaped, so the attributes begin where an object does.
  const first = value.indexOf('|{')
  const attributes = first >= 0 && last > first ? readMap(value.slice(first + 1, last)) : undefined
  return attributes ? { at, name: value.slice(0, first), attributes } : { at, name: value, attributes: {} }
}

/** `trace|span|tracestate|{json}|dropped` of the tags `otlp.link.N`. */
export function linksOf({ tags }: ZipkinSpan): SpanLink[] {
  const links: SpanLink[] = []
  for (let i = 0; ; i++) {
    const text = tags.get(`otlp.link.${i}`)
    if (text === undefined) return links
    const [, traceId, spanId] = /^([\da-f]{16,32})\|([\da-f]{16})\|/.exec(text) ?? []
    if (!traceId || !spanId) continue
    const from = text.indexOf('|{')
    links.push({ traceId, spanId, attributes: from < 0 ? {} : readMap(text.slice(from + 1, text.lastIndexOf('|'))) ?? {} })
  }
}

function readMap(json: string): Attributes | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, AttributeValue> : undefined
  }
  catch {
    return undefined
  }
}

export function exceptionOf(span: ZipkinSpan): Attributes | undefined {
  const found = span.annotations.findLast(({ value }) => value.startsWith('exception|{'))
  return found && eventOf(found).attributes
}

/** What it was: the sender's word, else the exception's type, else a code that says little. */
export function errorTypeOf(span: ZipkinSpan): string | undefined {
  const named = tagOf(span, 'error.type')
  if (named && !/^\d{3}$/.test(named)) return named
  const thrown = exceptionOf(span)?.['exception.type']
  if (typeof thrown === 'string' && thrown) return thrown
  const text = span.tags.get('error')
  return named ?? (text && !/^(?:true|false)$/i.test(text) && text.length <= 200 ? text : undefined)
}

export function messageOf(span: ZipkinSpan): string | undefined {
  const text = span.tags.get('error')
  return tagOf(span, 'otel.status_description') ?? (text && !/^(?:true|false)$/i.test(text) ? text : undefined)
}

/** Database, queue, RPC: the first that says what it is. */
export function systemOf(span: ZipkinSpan): string | undefined {
  return tagOf(span, 'db.system.name', 'db.system', 'messaging.system', 'rpc.system.name', 'rpc.system')
}

export const destinationOf = (span: ZipkinSpan) => tagOf(span, 'messaging.destination.name', 'messaging.destination')

export interface Remote {
  name: string
  kind: 'service' | 'database' | 'messaging' | 'address'
}

/** Whom a CLIENT, PRODUCER or CONSUMER span says it talks to, the most telling name first. */
export function remoteOf(span: ZipkinSpan): Remote | undefined {
  if (!['client', 'producer', 'consumer'].includes(span.kind)) return undefined
  const service = span.remoteService ?? tagOf(span, 'service.peer.name', 'peer.service')?.toLowerCase()
  if (service) return { name: service, kind: 'service' }
  const database = tagOf(span, 'db.system.name', 'db.system')
  if (database) {
    const name = tagOf(span, 'db.namespace', 'db.name')
    return { name: name ? `${database}/${name}` : database, kind: 'database' }
  }
  const destination = destinationOf(span)
  if (destination) return { name: destination, kind: 'messaging' }
  const named = tagOf(span, 'server.address', 'net.peer.name', 'http.host')
  const address = named ?? tagOf(span, 'network.peer.address', 'net.sock.peer.addr', 'net.peer.ip') ?? span.remote?.address
  if (!address) return undefined
  const port = named ? tagOf(span, 'server.port', 'net.peer.port') : tagOf(span, 'network.peer.port', 'net.sock.peer.port') ?? span.remote?.port?.toString()
  return { name: port && !/:\d+$/.test(address) ? `${address}:${port}` : address, kind: 'address' }
}

/** Whose clock it was. */
const hostOf = (span: ZipkinSpan) => tagOf(span, 'host.name', 'service.instance.id') ?? span.local?.address

/** `start`: of a span that does not say when it began. */
export function skeletonSpanOf(span: ZipkinSpan, start: number): SkeletonSpan {
  const httpStatus = httpStatusOf(span)
  const host = hostOf(span)
  const errorType = errorTypeOf(span)
  const system = systemOf(span)
  const remote = remoteOf(span)?.name.slice(0, 200)
  return {
    spanId: span.id, ...(span.parentId && span.parentId !== span.id && { parentId: span.parentId }),
    name: span.name, kind: span.kind, service: span.service, ...(host && { host }),
    start: span.timestamp ?? start, duration: span.duration ?? 0, status: statusOf(span),
    ...(httpStatus !== undefined && { httpStatus }), ...(errorType && { errorType }), ...(system && { system }), ...(remote && { remote }),
  }
}

/** Written by the translation from OTLP, and read back from it. */
const translated = /^(?:otel\.status_code|otel\.status_description|otel\.(?:library|scope)\.(?:name|version)|w3c\.tracestate|otlp\.link\.\d+|span\.kind)$/
/** Attributes of the process: on the way through Zipkin they stand among those of the span. */
const ofResource = /^(?:service\.(?!peer)|telemetry\.|process\.|host\.|os\.|k8s\.|container\.|cloud\.|deployment\.|faas\.|device\.|webengine\.|aws\.(?:ecs|eks|log)|gcp\.|heroku\.)/

/** Whose values are secrets: what is sent to Zipkin passes nobody who masks them. */
export type IsMasked = (name: string) => boolean

/** Everything a span's sender said, as far as Zipkin keeps it: values are text. */
export function wholeSpanOf(span: ZipkinSpan, key: string, start: number, isMasked: IsMasked): Span {
  const attributes: Attributes = {}
  const resource: Attributes = {}
  const both = span.tags.get('http.status_code') === span.tags.get('http.response.status_code')
  for (const [name, value] of span.tags) {
    if (translated.test(name) || (name === 'http.status_code' && both) || (name === 'error' && /^(?:true)?$/.test(value))) continue
    Object.defineProperty(ofResource.test(name) ? resource : attributes, name, { value: shown(name, value, isMasked), enumerable: true })
  }
  // What the translation took out of the tags.
  if (span.remoteService && !tagOf(span, 'peer.service', 'service.peer.name')) attributes['peer.service'] = span.remoteService
  if (span.remote?.address && !tagOf(span, 'network.peer.address', 'net.peer.ip')) attributes['network.peer.address'] = span.remote.address
  if (span.remote?.port && !tagOf(span, 'network.peer.port', 'net.peer.port')) attributes['network.peer.port'] = String(span.remote.port)
  if (span.local?.address) resource['host.ip'] ??= span.local.address

  const message = messageOf(span)
  const traceState = tagOf(span, 'w3c.tracestate')
  const scope = tagOf(span, 'otel.scope.name', 'otel.library.name')
  const version = tagOf(span, 'otel.scope.version', 'otel.library.version')
  return {
    traceId: span.traceId, spanId: span.id, key, ...(span.parentId && span.parentId !== span.id && { parentId: span.parentId }),
    name: span.name, kind: span.kind, service: span.service, start: span.timestamp ?? start, duration: span.duration ?? 0, status: statusOf(span),
    ...(message && { statusMessage: message }), ...(traceState && { traceState }), ...(scope && { scope: { name: scope, ...(version && { version }) } }),
    attributes, resource, events: span.annotations.map(annotation => maskedEvent(eventOf(annotation), isMasked)), links: linksOf(span),
  }
}

function shown(name: string, value: string, isMasked: IsMasked): string {
  if (isMasked(name)) return maskedValue
  return urlKeys.has(name) ? maskQuery(value, isMasked, name === 'url.query') : value
}

function maskedEvent(event: SpanEvent, isMasked: IsMasked): SpanEvent {
  const attributes = Object.fromEntries(Object.entries(event.attributes).map(([name, value]) => [name, typeof value === 'string' ? shown(name, value, isMasked) : value]))
  return { ...event, attributes }
}
