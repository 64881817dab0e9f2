import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Clock } from '#server/clock'
import type { IngestKey, TelemetrySnapshot } from '../snapshot'
import { BodyRefused } from './read-body'

export type Keyring = ReturnType<typeof createKeyring>

/** The keys that may send, found by digest, with what each has used of its minute. */
export function createKeyring(initial: TelemetrySnapshot, clock: Clock) {
  let version = -1
  let keys = new Map<string, IngestKey>()
  const spent = new Map<string, { since: number, requests: number, bytes: number }>()

  function setSnapshot(next: TelemetrySnapshot) {
    if (next.version < version) return
    version = next.version
    keys = new Map(next.keys.map(key => [key.digest, key]))
  }
  setSnapshot(initial)

  function minuteOf(key: IngestKey) {
    const now = clock.monotonic()
    let minute = spent.get(key.id)
    if (!minute || now - minute.since >= 60_000) spent.set(key.id, minute = { since: now, requests: 0, bytes: 0 })
    return { minute, left: Math.ceil((minute.since + 60_000 - now) / 1000) }
  }

  return {
    setSnapshot,

    find: (secret: string): IngestKey | undefined => keys.get(createHash('sha256').update(secret).digest('hex')),

    /** Refuses who has used up the minute; counts the request otherwise. */
    enter(key: IngestKey): void {
      const { minute, left } = minuteOf(key)
      if (minute.requests >= (key.requestsPerMinute ?? Infinity) || minute.bytes >= (key.bytesPerMinute ?? Infinity)) {
        throw new BodyRefused({ status: 429, reason: 'quota', message: 'this key has used up its minute', retryAfter: left })
      }
      minute.requests++
    },

    spend(key: IngestKey, bytes: number): void {
      minuteOf(key).minute.bytes += bytes
    },
  }
}

/** Who sends, from the head alone: not a byte of the body has been read when this refuses. */
export function authorise(keyring: Keyring, headers: IncomingHttpHeaders): IngestKey {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  const header = headers['x-ingest-key']
  const secret = bearer ?? (typeof header === 'string' ? header : undefined)
  const key = secret === undefined ? undefined : keyring.find(secret)
  if (!key) {
    throw new BodyRefused({
      status: 401,
      reason: secret === undefined ? 'no_key' : 'unknown_key',
      message: secret === undefined ? 'send an ingest key as Authorization: Bearer or x-ingest-key' : 'this ingest key is not known',
    })
  }
  if (!key.scopes.includes('telemetry')) throw new BodyRefused({ status: 403, reason: 'wrong_scope', message: 'this ingest key may not send telemetry' })
  keyring.enter(key)
  return key
}
