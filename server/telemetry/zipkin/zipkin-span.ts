import type { SpanKind } from '#shared/trace/span'

/** A span as Zipkin's API has it, checked field by field. */
export interface ZipkinSpan {
  /** 32 lower-case hex digits, however many were sent. */
  traceId: string
  /** 16 lower-case hex digits. */
  id: string
  parentId?: string
  name: string
  kind: SpanKind
  /** Microseconds; absent of a span that has not said when. */
  timestamp?: number
  duration?: number
  /** Both lower case. */
  service: string
  remoteService?: string
  local?: Endpoint
  remote?: Endpoint
  annotations: { at: number, value: string }[]
  tags: Map<string, string>
}

export interface Endpoint {
  address?: string
  port?: number
}

const kinds: Record<string, SpanKind> = { CLIENT: 'client', SERVER: 'server', PRODUCER: 'producer', CONSUMER: 'consumer' }

/** Reads one span; undefined for what is none. A field that makes no sense is left out, a span without an id is none. */
export function readZipkinSpan(json: Buffer): ZipkinSpan | undefined {
  const raw = parse(json)
  if (!raw) return undefined
  const id = idOf(raw.id)
  const traceId = typeof raw.traceId === 'string' && /^[\da-f]{1,32}$/i.test(raw.traceId) ? raw.traceId.toLowerCase().padStart(32, '0') : undefined
  if (!id || !traceId) return undefined
  const parentId = idOf(raw.parentId)
  const timestamp = microsOf(raw.timestamp)
  const duration = microsOf(raw.duration)
  const local = objectOf(raw.localEndpoint)
  const remote = objectOf(raw.remoteEndpoint)
  const remoteService = nameOf(remote?.serviceName)
  return {
    traceId, id, ...(parentId && { parentId }),
    name: typeof raw.name === 'string' ? raw.name : '',
    kind: kinds[String(raw.kind)] ?? 'internal',
    ...(timestamp !== undefined && { timestamp }), ...(duration !== undefined && { duration }),
    service: nameOf(local?.serviceName) ?? '',
    ...(remoteService && { remoteService }),
    ...endpointOf('local', local), ...endpointOf('remote', remote),
    annotations: listOf(raw.annotations).flatMap((entry) => {
      const annotation = objectOf(entry)
      const at = microsOf(annotation?.timestamp)
      return at !== undefined && typeof annotation!.value === 'string' ? [{ at, value: annotation!.value }] : []
    }),
    tags: tagsOf(objectOf(raw.tags)),
  }
}

type Raw = Record<string, unknown>

/** Thirty of a span are usual, and fifty thousand spans. */
function tagsOf(raw: Raw | undefined): Map<string, string> {
  const tags = new Map<string, string>()
  for (const key in raw) {
    const value = raw[key]
    if (typeof value === 'string') tags.set(key, value)
    else if (typeof value === 'number' || typeof value === 'boolean') tags.set(key, String(value))
  }
  return tags
}

function parse(json: Buffer): Raw | undefined {
  try {
    return objectOf(JSON.parse(json.toString()))
  }
  catch {
    return undefined
  }
}

function objectOf(value: unknown): Raw | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Raw : undefined
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function idOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^(?!0+$)[\da-f]{1,16}$/i.test(value) ? value.toLowerCase().padStart(16, '0') : undefined
}

function nameOf(value: unknown): string | undefined {
  return typeof value === 'string' && value ? value.toLowerCase() : undefined
}

/** Numbers above 2^53 are no microseconds of any year to come. */
function microsOf(value: unknown): number | undefined {
  const micros = typeof value === 'string' ? Number(value) : value
  return typeof micros === 'number' && Number.isSafeInteger(micros) && micros > 0 ? micros : undefined
}

function endpointOf<K extends string>(key: K, raw: Raw | undefined): Partial<Record<K, Endpoint>> {
  const address = addressOf(raw?.ipv4) ?? addressOf(raw?.ipv6)
  const port = typeof raw?.port === 'number' && raw.port > 0 && raw.port <= 65_535 ? raw.port : undefined
  if (address === undefined && port === undefined) return {}
  return { [key]: { ...(address !== undefined && { address }), ...(port !== undefined && { port }) } } as Partial<Record<K, Endpoint>>
}

/** `::ffff:a00:3` and `::ffff:10.0.0.3` are 10.0.0.3: so IPv4 arrives where spans travelled as protobuf. */
function addressOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || !value) return undefined
  const mapped = /^(?:0*:){0,5}:?ffff:(?:(\d+\.\d+\.\d+\.\d+)|([\da-f]{1,4}):([\da-f]{1,4}))$/i.exec(value)
  if (!mapped) return value
  if (mapped[1]) return mapped[1]
  const [high, low] = [Number.parseInt(mapped[2]!, 16), Number.parseInt(mapped[3]!, 16)]
  return [high >> 8, high & 0xFF, low >> 8, low & 0xFF].join('.')
}
