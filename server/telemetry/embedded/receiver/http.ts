import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '#server/clock'
import type { Signal } from '../../telemetry'
import { contentTypes, statusBody, successBody, type Encoding } from '../otlp/answer'
import type { Intake } from './intake'
import { listen } from './listen'
import { BodyRefused, readBody, type Refusal } from './read-body'

const paths: Record<string, Signal> = { '/v1/traces': 'traces', '/v1/metrics': 'metrics', '/v1/logs': 'logs' }

/** google.rpc codes. */
const codes = { 400: 3, 401: 16, 403: 7, 404: 5, 405: 12, 408: 4, 413: 8, 415: 3, 429: 8, 503: 14 } as const

export interface DoorOptions {
  clock: Clock
  host: string
  /** 0 takes any free port; whether there is to be a receiver at all is decided before. */
  port: number
  /** How long a request may take to arrive, ms. */
  patience: number
  intake: Intake
}

export interface Door {
  address: AddressInfo
  /** Ends after the intake: what is in hand is answered by then. */
  close: () => Promise<void>
}

/** OTLP over HTTP. This thread only looks at the head, reads bytes within their caps and hands them on. */
export async function openHttpDoor({ clock, host, port, patience, intake }: DoorOptions): Promise<Door> {
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const type = request.headers['content-type']?.split(';', 1)[0]!.trim().toLowerCase() ?? ''
    const encoding: Encoding = type === contentTypes.json ? 'json' : 'protobuf'
    try {
      const signal = paths[request.url?.split('?', 1)[0] ?? '']
      if (!signal) throw new BodyRefused({ status: 404, reason: 'unknown_path', message: 'no such path: /v1/traces, /v1/metrics and /v1/logs are served' })
      if (request.method !== 'POST') throw new BodyRefused({ status: 405, reason: 'wrong_method', message: 'POST only', allow: 'POST' })
      const key = intake.admit(request.headers)
      if (type !== contentTypes.json && type !== contentTypes.protobuf) {
        throw new BodyRefused({ status: 415, reason: 'wrong_type', message: `send ${contentTypes.protobuf} or ${contentTypes.json}` })
      }
      const { rejected, message } = await intake.deliver({
        signal, encoding, key,
        read(limits, reserved) {
          // Who waits to be told to send its body is told only now.
          if (request.headers.expect) response.writeContinue()
          return readBody(request, limits, reserved)
        },
      })
      const answer = successBody(encoding, signal, rejected, message)
      response.writeHead(200, { 'content-type': contentTypes[encoding], 'content-length': answer.length, ...(intake.isClosing() ? { connection: 'close' } : {}) })
      response.end(answer)
    }
    catch (error) {
      refuse(request, response, encoding, intake.count(error))
    }
  }

  const take = (request: IncomingMessage, response: ServerResponse) => intake.track(handle(request, response))
  // A sender of a byte now and then is cut off: by the time it is done, it would hold a place among a hundred others.
  const server = createServer({ requestTimeout: patience, headersTimeout: patience, connectionsCheckingInterval: patience / 5, keepAliveTimeout: 60_000 }, take)
  server.on('checkContinue', take)
  server.maxConnections = 2_000
  server.on('clientError', (_, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n')
  })
  await listen(server, { host, port, setting: 'NUXT_OTLP_PORT' })
  let closed: Promise<void> | undefined

  return {
    address: server.address() as AddressInfo,

    async close() {
      closed ??= new Promise<void>(resolve => server.close(() => resolve()))
      await intake.close()
      server.closeIdleConnections()
      const cut = clock.at(new Date(clock.now().getTime() + 2_000), () => server.closeAllConnections())
      await closed
      cut()
    },
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, encoding: Encoding, refusal: Refusal) {
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
