import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Signal } from '../../telemetry'
import { statusBody, successBody } from '../otlp/answer'
import { readMessage } from './grpc-message'
import type { Door, DoorOptions } from './http'
import { listen } from './listen'
import { BodyRefused, type Refusal } from './read-body'

const collector = '/opentelemetry.proto.collector'
const methods: Record<string, Signal> = {
  [`${collector}.trace.v1.TraceService/Export`]: 'traces',
  [`${collector}.metrics.v1.MetricsService/Export`]: 'metrics',
  [`${collector}.logs.v1.LogsService/Export`]: 'logs',
}

/** google.rpc codes. RESOURCE_EXHAUSTED is sent again only where RetryInfo says so: not for what is too large. */
const codes = { 400: 3, 401: 16, 403: 7, 404: 12, 405: 12, 408: 4, 413: 8, 415: 12, 429: 8, 503: 14 } as const

const pingEvery = 30_000

const head = { ':status': 200, 'content-type': 'application/grpc', 'grpc-accept-encoding': 'gzip' }

/**
 * OTLP over gRPC: one message in, one message out, on HTTP/2 without TLS. Node's own HTTP/2 rather than a gRPC library,
 * because a library reads and unpacks a whole message before it asks anybody (docs/decisions/0007-grpc.md).
 */
export async function openGrpcDoor({ clock, host, port, patience, intake }: DoorOptions): Promise<Door> {
  const sessions = new Map<ServerHttp2Session, { awaitsPong: boolean }>()

  async function handle(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    try {
      if (headers[':method'] !== 'POST' || !/^application\/grpc(\+proto)?(;|$)/.test(headers['content-type'] ?? '')) {
        intake.count(new BodyRefused({ status: 415, reason: 'wrong_type', message: 'not gRPC' }))
        return giveUp(stream, { ':status': 415 })
      }
      const signal = methods[headers[':path']?.split('?', 1)[0] ?? '']
      if (!signal) throw new BodyRefused({ status: 404, reason: 'unknown_path', message: 'no such method: Export of the trace, metrics and logs services is served' })
      const key = intake.admit(headers)
      const { rejected, message } = await intake.deliver({
        signal, encoding: 'protobuf', key,
        read(limits, reserved) {
          const slow = new AbortController()
          const arrived = clock.at(new Date(clock.now().getTime() + patience), () => slow.abort())
          return readMessage(stream, { encoding: headers['grpc-encoding'], limits, reserved, slow: slow.signal }).finally(arrived)
        },
      })
      succeed(stream, successBody('protobuf', signal, rejected, message))
    }
    catch (error) {
      refuse(stream, intake.count(error))
    }
  }

  function refuse(stream: ServerHttp2Stream, { status, message, retryAfter }: Refusal): void {
    giveUp(stream, {
      ...head,
      'grpc-status': codes[status],
      'grpc-message': encodeURI(message),
      ...(retryAfter !== undefined && { 'grpc-status-details-bin': statusBody('protobuf', codes[status], message, retryAfter).toString('base64').replace(/=+$/, '') }),
    })
  }

  /** These headers are the whole answer. What is still sent is thrown away, for a second. */
  function giveUp(stream: ServerHttp2Stream, headers: OutgoingHttpHeaders): void {
    if (stream.destroyed || stream.headersSent) return
    stream.respond(headers, { endStream: true })
    stream.resume()
    stream.once('close', clock.at(new Date(clock.now().getTime() + 1_000), () => stream.close()))
  }

  const server = createServer({
    // Of one connection; all together share the intake's limits.
    settings: { maxConcurrentStreams: 100, initialWindowSize: 1024 * 1024, maxHeaderListSize: 16 * 1024 },
    maxSessionMemory: 32,
  })
  server.maxConnections = 1_000
  server.on('stream', (stream, headers) => {
    // A sender that hangs up is no fault of ours.
    stream.on('error', () => {})
    intake.track(handle(stream, headers))
  })
  server.on('session', (session) => {
    sessions.set(session, { awaitsPong: false })
    const unsettled = clock.at(new Date(clock.now().getTime() + patience), () => session.destroy())
    session.once('remoteSettings', unsettled)
    session.once('close', () => {
      unsettled()
      sessions.delete(session)
    })
    session.on('error', () => {})
  })
  /** Who does not answer until the next one is gone, or never spoke HTTP/2. */
  const stopPinging = clock.every(pingEvery, () => {
    for (const [session, state] of sessions) {
      if (session.closed || session.destroyed) continue
      if (state.awaitsPong) {
        session.destroy()
        continue
      }
      state.awaitsPong = true
      session.ping((error) => {
        state.awaitsPong = error !== null
      })
    }
  })
  try {
    await listen(server, { host, port, setting: 'NUXT_OTLP_GRPC_PORT' })
  }
  catch (error) {
    stopPinging()
    throw error
  }

  return {
    address: server.address() as AddressInfo,

    async close() {
      stopPinging()
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      await intake.close()
      // Tells senders to go elsewhere; streams that were answered end by themselves.
      for (const session of sessions.keys()) session.close()
      const cut = clock.at(new Date(clock.now().getTime() + 2_000), () => {
        for (const session of sessions.keys()) session.destroy()
      })
      await closed
      cut()
    },
  }
}

function succeed(stream: ServerHttp2Stream, message: Buffer): void {
  if (stream.destroyed) return
  stream.respond(head, { waitForTrailers: true })
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  const frame = Buffer.alloc(5 + message.length)
  frame.writeUInt32BE(message.length, 1)
  message.copy(frame, 5)
  stream.end(frame)
}
