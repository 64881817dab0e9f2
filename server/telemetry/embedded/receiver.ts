import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '#server/clock'
import type { Signal } from '../telemetry'
import type { IngestReply, IngestRequest } from './ingest/scans'
import { authorise, createKeyring } from './receiver/keyring'
import { BodyRefused, createIntakeLimits, readBody, type Refusal } from './receiver/read-body'
import { contentTypes, statusBody, successBody, type Encoding } from './otlp/answer'
import type { TelemetrySnapshot } from './snapshot'

const paths: Record<string, Signal> = { '/v1/traces': 'traces', '/v1/metrics': 'metrics', '/v1/logs': 'logs' }

/** google.rpc codes. */
const codes = { 400: 3, 401: 16, 403: 7, 404: 5, 405: 12, 408: 4, 413: 8, 415: 3, 429: 8, 503: 14 } as const

const refusals: Record<Exclude<IngestReply['state'], 'stored'>, (message: string) => Refusal> = {
  malformed: message => ({ status: 400, reason: 'malformed', message: `cannot be decoded: ${message}` }),
  too_large: message => ({ status: 413, reason: 'too_many_items', message }),
  busy: message => ({ status: 503, reason: 'store_busy', message, retryAfter: 5 }),
}

export interface ReceiverOptions {
  clock: Clock
  host: string
  /** 0 takes any free port; whether there is to be a receiver at all is decided before. */
  port: number
  snapshot: TelemetrySnapshot
  /** How long a request may take to arrive, ms. */
  patience?: number
  /** Resolves when what it took is committed. */
  ingest: (request: IngestRequest) => Promise<IngestReply>
}

export type Receiver = Awaited<ReturnType<typeof startReceiver>>

/**
 * OTLP over HTTP on a listener of its own. This thread only looks at the head, reads bytes within their caps and
 * hands them on; it answers 200 when the worker has committed, and says busy rather than queue without end.
 */
export async function startReceiver({ clock, host, port, snapshot, patience = 10_000, ingest }: ReceiverOptions) {
  const keyring = createKeyring(snapshot, clock)
  const limits = createIntakeLimits()
  const refused = new Map<string, { count: number, lastAt: Date }>()
  const lags: { at: number, ms: number }[] = []
  const active = new Set<Promise<void>>()
  let closing = false

  function refuse(request: IncomingMessage, response: ServerResponse, encoding: Encoding, refusal: Refusal) {
    const known = refused.get(refusal.reason)
    refused.set(refusal.reason, { count: (known?.count ?? 0) + 1, lastAt: clock.now() })
    if (response.headersSent || response.destroyed) return
    const body = statusBody(encoding, codes[refusal.status], refusal.message)
    const headers: Record<string, string | number> = { 'content-type': contentTypes[encoding], 'content-length': body.length }
    if (refusal.retryAfter !== undefined) headers['retry-after'] = refusal.retryAfter
    if (refusal.allow !== undefined) headers.allow = refusal.allow
    if (refusal.status === 401) headers['www-authenticate'] = 'Bearer'
    // The rest of a body that nobody reads would be taken for the next request.
    if (!request.complete) headers.connection = 'close'
    response.writeHead(refusal.status, headers).end(body)
    if (!request.complete) request.on('error', () => {}).resume().setTimeout(1_000, () => request.destroy())
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const type = request.headers['content-type']?.split(';', 1)[0]!.trim().toLowerCase() ?? ''
    const encoding: Encoding = type === contentTypes.json ? 'json' : 'protobuf'
    let reserved = 0
    let entered = false
    try {
      const signal = paths[request.url?.split('?', 1)[0] ?? '']
      if (!signal) throw new BodyRefused({ status: 404, reason: 'unknown_path', message: 'no such path: /v1/traces, /v1/metrics and /v1/logs are served' })
      if (request.method !== 'POST') throw new BodyRefused({ status: 405, reason: 'wrong_method', message: 'POST only', allow: 'POST' })
      const key = authorise(keyring, request)
      if (type !== contentTypes.json && type !== contentTypes.protobuf) {
        throw new BodyRefused({ status: 415, reason: 'wrong_type', message: `send ${contentTypes.protobuf} or ${contentTypes.json}` })
      }
      if (closing) throw new BodyRefused({ status: 503, reason: 'closing', message: 'shutting down', retryAfter: 5 })
      limits.enter()
      entered = true
      // Who waits to be told to send its body is told only now.
      if (request.headers.expect) response.writeContinue()
      const body = await readBody(request, limits, (bytes) => {
        reserved += bytes
      })
      keyring.spend(key, reserved)
      const began = clock.monotonic()
      const reply = await ingest({ signal, encoding, body, keyId: key.id })
      note(lags, clock, began)
      if (reply.state !== 'stored') throw new BodyRefused(refusals[reply.state](reply.message))
      const answer = successBody(encoding, signal, reply.rejected, reply.message)
      response.writeHead(200, { 'content-type': contentTypes[encoding], 'content-length': answer.length, ...(closing ? { connection: 'close' } : {}) })
      response.end(answer)
    }
    catch (error) {
      refuse(request, response, encoding, error instanceof BodyRefused
        ? error.refusal
        // Whatever went wrong here may go right later: never a 500, which senders would not repeat.
        : { status: 503, reason: 'store_gone', message: 'the store does not answer', retryAfter: 5 })
    }
    finally {
      limits.release(reserved)
      if (entered) limits.leave()
    }
  }

  function take(request: IncomingMessage, response: ServerResponse) {
    const work = handle(request, response)
    active.add(work)
    void work.finally(() => active.delete(work))
  }
  // A sender of a byte now and then is cut off: by the time it is done, it would hold a place among a hundred others.
  const server = createServer({ requestTimeout: patience, headersTimeout: patience, connectionsCheckingInterval: patience / 5, keepAliveTimeout: 60_000 }, take)
  server.on('checkContinue', take)
  server.maxConnections = 2_000
  server.on('clientError', (_, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n')
  })
  await listen(server, host, port)

  return {
    address: server.address() as AddressInfo,

    setSnapshot: (next: TelemetrySnapshot) => keyring.setSnapshot(next),

    stats: () => ({
      refused: [...refused].map(([reason, { count, lastAt }]) => ({ reason, count, lastAt })),
      queue: limits.usage(),
      lag: quantiles(lags, clock),
    }),

    /** No new requests; those in hand are answered. */
    async close(): Promise<void> {
      closing = true
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      await Promise.allSettled(active)
      server.closeIdleConnections()
      const cut = clock.at(new Date(clock.now().getTime() + 2_000), () => server.closeAllConnections())
      await closed
      cut()
    },
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new Error(`NUXT_OTLP_PORT: port ${port} is taken on ${host}`, { cause: error }) : new Error(`NUXT_OTLP_HOST, NUXT_OTLP_PORT: cannot listen on ${host}:${port}`, { cause: error }))
    })
    server.listen(port, host, resolve)
  })
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
