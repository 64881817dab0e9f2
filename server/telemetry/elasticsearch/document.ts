import { levelRank, logLevels } from '#shared/log-level'
import { maskedValue } from '#shared/masked-keys'
import type { Attributes, AttributeValue } from '#shared/trace/span'
import type { LogLine } from '../ports'
import { candidates, type Role } from './fields'
import { dateOf, nanosOf } from './time-text'

export interface Hit {
  id: string
  source: Record<string, unknown>
  /** The time as the index holds it, where it was asked for: milliseconds may be all that is left of it. */
  indexed?: string
}

const ofResource = ['resource.attributes', 'Resource', 'resource']
const ofLine = ['attributes', 'Attributes', 'mdc', 'contextMap']
/** What describes the sender in documents that keep everything side by side. */
const senders = /^(?:host|agent|cloud|container|kubernetes|k8s|os|process|service|telemetry|deployment|orchestrator|faas|device)(?:$|[._])/
/** Housekeeping of pipelines. */
const left = /^(?:@version|ecs|data_stream|observer|log_id|tags|input|scope|Scope|instrumentationScope|serviceName|resource|Resource|attributes|Attributes|body|TraceFlags|trace_flags|flags|schema_url|dropped_attributes_count|mdc|contextMap)(?:$|\.)/
/** Names whose dots a pipeline may have replaced: they get them back, so that a line reads alike whatever wrote it. */
const wellKnown = [
  'api.client.id', 'client.address', 'code.filepath', 'code.function', 'code.lineno', 'container.id', 'container.name', 'db.system', 'db.system.name', 'db.namespace', 'db.query.text',
  'deployment.environment', 'deployment.environment.name', 'enduser.id', 'error.type', 'exception.message', 'exception.stacktrace', 'exception.type', 'host.arch', 'host.ip', 'host.name',
  'http.method', 'http.request.method', 'http.response.status_code', 'http.route', 'http.status_code', 'k8s.namespace.name', 'k8s.node.name', 'k8s.pod.name', 'messaging.destination.name', 'messaging.system',
  'os.type', 'peer.service', 'process.pid', 'process.runtime.name', 'process.runtime.version', 'server.address', 'server.port', 'service.instance.id', 'service.name', 'service.namespace', 'service.version',
  'telemetry.sdk.language', 'telemetry.sdk.name', 'telemetry.sdk.version', 'thread.id', 'thread.name', 'url.full', 'url.path', 'url.query', 'user_agent.original',
]
const renamed = new Map<string, string>([
  ...wellKnown.map((name): [string, string] => [name.replaceAll('.', '_'), name]),
  ['stack_trace', 'exception.stacktrace'], ['error.stack_trace', 'exception.stacktrace'], ['error.stacktrace', 'exception.stacktrace'], ['thread_name', 'thread.name'],
])
const longestBody = 16_384

/** A document as a log line, whatever wrote it. Undefined where no time can be read. */
export function toLogLine({ id, source, indexed }: Hit, isMasked: (key: string) => boolean): LogLine | undefined {
  const nanos = timeOf(source, indexed)
  if (nanos === undefined) return undefined
  const at = dateOf(nanos)
  const levelText = textOf(source, 'level')
  const rank = rankOf(source, levelText)
  const traceId = idOf(textOf(source, 'traceId'), 32)
  const spanId = idOf(textOf(source, 'spanId'), 16)
  const scope = textOf(source, 'scope')
  const observed = candidates.observed.map(path => nanosOf(valueAt(source, path))).find(value => value !== undefined)
  return {
    id, nanos: String(nanos), at, observedAt: observed === undefined ? at : dateOf(observed),
    level: logLevels[rank]!, levelText: levelText ?? logLevels[rank]!.toUpperCase(),
    service: textOf(source, 'service')?.trim().toLowerCase() || 'unknown_service',
    body: messageOf(source),
    ...(traceId && { traceId }), ...(spanId && { spanId }),
    attributes: masked(attributesOf(source), isMasked), resource: masked(resourceOf(source), isMasked),
    ...(scope && { scope }),
  }
}

/** The document says it to the nanosecond more often than the index does. */
function timeOf(source: Record<string, unknown>, indexed: string | undefined): bigint | undefined {
  const held = nanosOf(indexed)
  // A number of so many digits was rounded when it was parsed.
  const written = candidates.time.map(path => valueAt(source, path)).filter(value => held === undefined || typeof value !== 'number' || Number.isSafeInteger(value))
  const said = written.map(nanosOf).filter(value => value !== undefined)
  return held === undefined ? said[0] : said.find(value => value / 1_000_000n === held / 1_000_000n) ?? held
}

function rankOf(source: Record<string, unknown>, word: string | undefined): number {
  const severity = candidates.severity.map(path => Number(valueAt(source, path) ?? NaN)).find(value => value >= 1 && value <= 24)
  // Loggers of Node.js count 10 to 60.
  const number = word === undefined || !/^\d+$/.test(word) ? undefined : Number(word)
  if (severity === undefined && number !== undefined) return Math.max(0, Math.min(5, Math.floor(number / 10) - 1))
  return levelRank(severity, word)
}

export function messageOf(source: Record<string, unknown>): string {
  const found = textOf(source, 'message') ?? candidates.structured.map(path => valueAt(source, path)).find(value => value !== undefined && value !== null)
  const body = typeof found === 'string' ? found : found === undefined ? '' : JSON.stringify(found)
  return body.length > longestBody ? `${body.slice(0, longestBody)}…` : body
}

/** Lower-case hex, filled up where it was cut short; undefined for anything else and for none. */
function idOf(text: string | undefined, digits: number): string | undefined {
  const id = text?.trim().toLowerCase().replaceAll('-', '')
  return id && /^[\da-f]{16,32}$/.test(id) && id.length <= digits && !/^0+$/.test(id) ? id.padStart(digits, '0') : undefined
}

const roles = new Set<string>(Object.entries(candidates).flatMap(([role, paths]) => (role === 'exception' ? [] : paths)))

function attributesOf(source: Record<string, unknown>): Attributes {
  const own: Attributes = {}
  for (const path of ofLine) flatten(valueAt(source, path), '', own)
  const rest: Attributes = {}
  flatten(source, '', rest)
  for (const [key, value] of Object.entries(rest)) if (!left.test(key) && !senders.test(key) && !roles.has(key)) own[key] ??= value
  return own
}

function resourceOf(source: Record<string, unknown>): Attributes {
  const own: Attributes = {}
  const object = ofResource.map(path => valueAt(source, path)).find(isObject)
  flatten(object, '', own)
  if (object) return own
  const rest: Attributes = {}
  flatten(source, '', rest)
  for (const [key, value] of Object.entries(rest)) if (senders.test(key) && key !== 'service') own[key] = value
  return own
}

function masked(attributes: Attributes, isMasked: (key: string) => boolean): Attributes {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [renamed.get(key) ?? key, isMasked(key) ? maskedValue : value]))
}

/** Objects within objects as dotted keys, as their sender had them before an index took them apart. */
function flatten(value: unknown, prefix: string, into: Attributes, depth = 0): void {
  if (!isObject(value)) return
  for (const [key, inner] of Object.entries(value)) {
    if (isObject(inner) && depth < 16) flatten(inner, `${prefix}${key}.`, into, depth + 1)
    else into[prefix + key] = inner as AttributeValue
  }
}

function textOf(source: Record<string, unknown>, role: Role): string | undefined {
  for (const path of candidates[role]) {
    const value = valueAt(source, path)
    const first = Array.isArray(value) ? value[0] as unknown : value
    if ((typeof first === 'string' && first !== '') || typeof first === 'number') return String(first)
  }
  return undefined
}

/** A dotted path in a document that may hold it nested, flat, or partly so: each dot may be part of a key. */
export function valueAt(source: Record<string, unknown>, path: string): unknown {
  const whole = source[path]
  if (whole !== undefined) return whole
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const inner = source[path.slice(0, dot)]
    const value = isObject(inner) ? valueAt(inner, path.slice(dot + 1)) : undefined
    if (value !== undefined) return value
  }
  return undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
