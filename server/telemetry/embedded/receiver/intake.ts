import type { IncomingHttpHeaders } from 'node:http'
import type { Clock } from '#server/clock'
import type { Signal } from '../../telemetry'
import type { IngestReply, IngestRequest } from '../ingest/scans'
import type { Encoding } from '../otlp/answer'
import type { IngestKey, TelemetrySnapshot } from '../snapshot'
import { authorise, createKeyring } from './keyring'
import { BodyRefused, createIntakeLimits, type IntakeLimits, type Refusal } from './read-body'

const refusals: Record<Exclude<IngestReply['state'], 'stored'>, (message: string) => Refusal> = {
  malformed: message => ({ status: 400, reason: 'malformed', message: `cannot be decoded: ${message}` }),
  too_large: message => ({ status: 413, reason: 'too_many_items', message }),
  busy: message => ({ status: 503, reason: 'store_busy', message, retryAfter: 5 }),
}

export interface IntakeOptions {
  clock: Clock
  snapshot: TelemetrySnapshot
  /** Resolves when what it took is committed. */
  ingest: (request: IngestRequest) => Promise<IngestReply>
}

export interface Delivery {
  signal: Signal
  encoding: Encoding
  key: IngestKey
  /** Reads the body within the limits, and tells of every byte it took from them. */
  read: (limits: IntakeLimits, reserved: (bytes: number) => void) => Promise<Uint8Array>
}

export type Intake = ReturnType<typeof createIntake>

/**
 * What both doors do behind their protocols: who may send, how much may be in hand, and the answer that comes only
 * after the commit. Everything that is not taken is thrown as BodyRefused; the doors count it by calling `count`.
 */
export function createIntake({ clock, snapshot, ingest }: IntakeOptions) {
  const keyring = createKeyring(snapshot, clock)
  const limits = createIntakeLimits()
  const refused = new Map<string, { count: number, lastAt: Date }>()
  const lags: { at: number, ms: number }[] = []
  const active = new Set<Promise<unknown>>()
  let closing = false

  async function deliver({ signal, encoding, key, read }: Delivery): Promise<{ rejected: number, message: string }> {
    if (closing) throw new BodyRefused({ status: 503, reason: 'closing', message: 'shutting down', retryAfter: 5 })
    limits.enter()
    let reserved = 0
    try {
      const body = await read(limits, (bytes) => {
        reserved += bytes
      })
      keyring.spend(key, reserved)
      const began = clock.monotonic()
      const reply = await ingest({ signal, encoding, body, keyId: key.id })
      note(lags, clock, began)
      if (reply.state !== 'stored') throw new BodyRefused(refusals[reply.state](reply.message))
      return reply
    }
    finally {
      limits.release(reserved)
      limits.leave()
    }
  }

  return {
    isClosing: () => closing,

    setSnapshot: keyring.setSnapshot,

    /** From the head alone: not a byte of the body has been read when this refuses. */
    admit: (headers: IncomingHttpHeaders) => authorise(keyring, headers),

    deliver,

    /** What is answered instead, whatever went wrong: never that it will go wrong again, unless that is known. */
    count(error: unknown): Refusal {
      const refusal: Refusal = error instanceof BodyRefused ? error.refusal : { status: 503, reason: 'store_gone', message: 'the store does not answer', retryAfter: 5 }
      const known = refused.get(refusal.reason)
      refused.set(refusal.reason, { count: (known?.count ?? 0) + 1, lastAt: clock.now() })
      return refusal
    },

    /** Has `close` wait until this request is answered. */
    track<T>(work: Promise<T>): void {
      active.add(work)
      void work.finally(() => active.delete(work))
    },

    stats: () => ({
      refused: [...refused].map(([reason, { count, lastAt }]) => ({ reason, count, lastAt })),
      queue: limits.usage(),
      lag: quantiles(lags, clock),
    }),

    /** No new requests; resolves when those in hand are answered. */
    async close(): Promise<void> {
      closing = true
      await Promise.allSettled(active)
    },
  }
}

/** The last minute's, a thousand at most. */
function note(lags: { at: number, ms: number }[], clock: Clock, began: number) {
  const now = clock.monotonic()
  lags.push({ at: now, ms: now - began })
  while (lags.length > 1_000 || lags[0]!.at < now - 60_000) lags.shift()
}

function quantiles(lags: { at: number, ms: number }[], clock: Clock): { p50?: number, p95?: number } {
  const now = clock.monotonic()
  const sorted = lags.filter(({ at }) => at >= now - 60_000).map(({ ms }) => ms).sort((a, b) => a - b)
  const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]
  return { p50: at(0.5), p95: at(0.95) }
}
