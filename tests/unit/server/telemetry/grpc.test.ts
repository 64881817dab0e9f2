import { spawn } from 'node:child_process'
import { connect as connectHttp2 } from 'node:http2'
import { createServer, connect as connectSocket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createSystemClock } from '#server/clock'
import type { IngestReply, IngestRequest } from '#server/telemetry/embedded/ingest/scans'
import { startReceiver } from '#server/telemetry/embedded/receiver'
import { connect } from '../../../support/grpc-client'
import { attributes, logRequest, metricRequest, nanos, spanId, traceId, traceRequest } from '../../../support/otlp/build'
import { encode, messages } from '../../../support/otlp/proto'
import { freePort, ingestKey, secret, startRunning } from '../../../support/running-telemetry'
import { snapshot } from '../../../support/telemetry-store'

const now = Date.now()
const window = () => ({ from: new Date(now - 600_000), to: new Date(Date.now() + 60_000) })
const oneSpan = (id = 1, service = 'gateway') => encode('traces', traceRequest({ service }, [{ spanId: spanId(id), traceId: traceId(id), kind: 2, name: 'GET /', attributes: { 'http.route': '/' } }], now))
const stored: IngestReply = { state: 'stored', rejected: 0, message: '' }
const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

async function startGrpc(options: Parameters<typeof startRunning>[0] = {}) {
  const running = await startRunning({ ...options, grpcPort: await freePort() })
  return { ...running, send: connect(running.grpc), zip: connect(running.grpc, { gzip: true }) }
}

/** The receiver alone, over a store that answers as the test wants. */
async function alone(ingest: (request: IngestRequest) => Promise<IngestReply>, patience?: number) {
  const receiver = await startReceiver({ clock: createSystemClock(), host: '127.0.0.1', ports: { grpc: 0 }, snapshot: snapshot({ keys: [ingestKey()] }), patience, ingest })
  onTestFinished(() => receiver.close())
  return { receiver, address: `127.0.0.1:${receiver.grpcAddress!.port}` }
}

describe('OTLP over gRPC', () => {
  it('takes traces, logs and metrics, plain and zipped, and answers after the commit', async () => {
    const { telemetry, send, zip } = await startGrpc()
    expect(await send('traces', oneSpan())).toMatchObject({ code: 'OK', message: Buffer.alloc(0) })
    expect(await zip('logs', encode('logs', logRequest({ service: 'gateway' }, [{ body: '안녕 '.repeat(500), traceId: traceId(1) }], now)))).toMatchObject({ code: 'OK' })
    const metrics = metricRequest({ service: 'gateway' }, [{ name: 'queue.size', unit: '1', gauge: { dataPoints: [{ timeUnixNano: nanos(now), asDouble: 4.5, attributes: attributes({ queue: 'a' }) }] } }])
    expect(await send('metrics', encode('metrics', metrics))).toMatchObject({ code: 'OK' })

    expect((await telemetry.traces.search({ window: window(), limit: 10 })).traces).toMatchObject([{ traceId: traceId(1) }])
    expect((await telemetry.logs.ofTrace(traceId(1), 10)).lines[0]!.body).toContain('안녕')
    expect((await telemetry.stats()).accepted).toHaveLength(3)
  })

  it('takes the empty message for a valid one', async () => {
    const { send } = await startGrpc()
    expect(await send('traces', new Uint8Array(0))).toMatchObject({ code: 'OK' })
  })

  it('takes a message in pieces of any size', async () => {
    const { send, telemetry } = await startGrpc()
    const spans = Array.from({ length: 9_000 }, (_, i) => ({ spanId: spanId(i + 1), traceId: traceId(1), attributes: { filler: 'x'.repeat(200) } }))
    expect(await send('traces', encode('traces', traceRequest({}, spans, now)))).toMatchObject({ code: 'OK' })
    expect((await telemetry.traces.search({ window: window(), limit: 1 })).traces[0]).toMatchObject({ spans: 9_000 })
  })

  it.each([
    ['Authorization', { authorization: `Bearer ${secret}` }],
    ['x-ingest-key', { 'x-ingest-key': secret }],
  ])('OT-01 knows a key sent as %s', async (_, headers) => {
    const { send } = await startGrpc()
    expect(await send('traces', oneSpan(), headers)).toMatchObject({ code: 'OK' })
  })

  it('OT-01 refuses without a key, with a wrong one and with one of another scope', async () => {
    const { send, telemetry } = await startGrpc({ snapshot: { keys: [ingestKey(), ingestKey({ id: 'key-2', scopes: ['changes'] }, 'another-key-of-more-than-thirty-two-characters')] } })
    expect(await send('traces', oneSpan(), {})).toMatchObject({ code: 'UNAUTHENTICATED', details: expect.stringContaining('x-ingest-key') })
    expect(await send('traces', oneSpan(), { 'x-ingest-key': 'wrong' })).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(await send('traces', oneSpan(), { 'x-ingest-key': 'another-key-of-more-than-thirty-two-characters' })).toMatchObject({ code: 'PERMISSION_DENIED' })
    expect((await telemetry.stats()).refused.map(({ reason, count }) => [reason, count])).toEqual([['no_key', 1], ['unknown_key', 1], ['wrong_scope', 1]])
  })

  it('OT-01 refuses before a byte of the message is sent', async () => {
    const { address } = await alone(async () => stored)
    expect(await head(address, {})).toMatchObject({ 'grpc-status': '16' })
  })

  it('tells in the answer what it did not take', async () => {
    const { send } = await startGrpc({ snapshot: { keys: [ingestKey({ services: ['gateway'] })] } })
    const { code, message } = await send('traces', oneSpan(1, 'payroll'))
    const { partialSuccess } = messages.response.decode(message!) as unknown as { partialSuccess: { rejected: unknown, errorMessage: string } }
    expect([code, Number(partialSuccess.rejected), partialSuccess.errorMessage]).toEqual(['OK', 1, '1 of a service this key may not write for'])
  })

  it.each([
    ['what cannot be decoded', 'traces', Buffer.from([10, 255, 1]), 'INVALID_ARGUMENT'],
    ['another method', '/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export', Buffer.alloc(0), 'UNIMPLEMENTED'],
    ['too large a message', 'traces', Buffer.alloc(16 * 1024 * 1024 + 1), 'RESOURCE_EXHAUSTED'],
  ] as const)('OT-02 OT-07 refuses %s for good', async (_, signal, body, code) => {
    const { send } = await startGrpc()
    const answer = await send(signal, body)
    expect(answer).toMatchObject({ code, status: undefined })
  })

  it('OT-02 stops a gzip bomb at its cap', async () => {
    const { zip } = await startGrpc()
    const before = process.memoryUsage().rss
    expect(await zip('traces', Buffer.alloc(200 * 1024 * 1024))).toMatchObject({ code: 'RESOURCE_EXHAUSTED', details: 'more than 16 MiB' })
    // The client of this test holds the bomb itself.
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024)
  })

  it('OT-02 knows the size before the first byte, and the smaller cap of what is compressed', async () => {
    const { address } = await alone(async () => stored)
    const announced = (flag: number, length: number) => Buffer.concat([Buffer.from([flag]), Buffer.from(new Uint32Array([length]).buffer).reverse()])
    const withKey = { 'x-ingest-key': secret }
    expect(await head(address, withKey, announced(0, 17 * 1024 * 1024))).toMatchObject({ 'grpc-status': '8' })
    expect(await head(address, { ...withKey, 'grpc-encoding': 'gzip' }, announced(1, 5 * 1024 * 1024))).toMatchObject({ 'grpc-status': '8' })
    expect(await head(address, { ...withKey, 'grpc-encoding': 'deflate' }, announced(1, 10))).toMatchObject({ 'grpc-status': '12', 'grpc-accept-encoding': 'gzip' })
    expect(await head(address, withKey, announced(7, 10))).toMatchObject({ 'grpc-status': '3' })
    expect(await head(address, { ...withKey, 'content-type': 'application/json' })).toMatchObject({ ':status': 415 })
  })

  it('OT-07 says when to come again while the store is busy, and when it is gone', async () => {
    let reply: () => Promise<IngestReply> = async () => ({ state: 'busy', message: 'the disk is full' })
    const { address } = await alone(() => reply())
    const send = connect(address)
    const busy = await send('traces', oneSpan())
    expect(busy).toMatchObject({ code: 'UNAVAILABLE', details: 'the disk is full' })
    expect(retryAfter(busy.status!)).toBe(5)
    reply = () => Promise.reject(new Error('the worker ended'))
    expect(await send('traces', oneSpan())).toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('OT-09 says when the minute of a key is over', async () => {
    const { send } = await startGrpc({ snapshot: { keys: [ingestKey({ requestsPerMinute: 1 })] } })
    await send('traces', oneSpan())
    const answer = await send('traces', oneSpan())
    expect(answer.code).toBe('RESOURCE_EXHAUSTED')
    expect(retryAfter(answer.status!)).toBeGreaterThan(0)
  })

  it('OT-07 says busy rather than hold more than it may', async () => {
    let open = (_?: unknown) => {}
    const opened = new Promise(resolve => open = resolve)
    let inHand = 0
    const { receiver, address } = await alone(async () => {
      inHand++
      await opened
      return stored
    })
    const send = connect(address)
    const large = Buffer.alloc(15 * 1024 * 1024)
    const answers = Array.from({ length: 6 }, () => send('traces', large).then(({ code }) => code))
    while (inHand < 4) await pause(20)
    expect(receiver.stats().queue.bytes).toBeLessThanOrEqual(64 * 1024 * 1024)
    expect(await Promise.race(answers)).toBe('UNAVAILABLE')
    open()
    expect((await Promise.all(answers)).filter(code => code === 'OK').length).toBeGreaterThanOrEqual(4)
    expect(receiver.stats().queue).toMatchObject({ bytes: 0, batches: 0 })
  })

  it('OT-06 stores a batch once, over both protocols', async () => {
    const { send, post, telemetry } = await startGrpc()
    await Promise.all([send('traces', oneSpan()), post('/v1/traces', oneSpan()), send('traces', oneSpan())])
    expect((await telemetry.metrics.requests({ window: window(), groupBy: ['service'] })).data).toMatchObject([{ spans: 1 }])
  })

  it('OT-08 cuts off who sends a byte now and then, or nothing at all', async () => {
    const { receiver, address } = await alone(async () => stored, 300)
    const slow = head(address, { 'x-ingest-key': secret }, Buffer.from([0, 0, 0, 1, 0, 1]), { drip: 50 })
    const silent = new Promise<void>(resolve => connectSocket(receiver.grpcAddress!.port, '127.0.0.1').on('error', () => {}).resume().on('close', () => resolve()))
    expect(await slow).toMatchObject({ 'grpc-status': '4' })
    await silent
    expect(receiver.stats().queue).toMatchObject({ bytes: 0, batches: 0 })
  })

  it('commits what is in hand when it closes, and takes nothing more', async () => {
    let commit = (_: IngestReply) => {}
    const { receiver, address } = await alone(() => new Promise((resolve) => {
      commit = resolve
    }))
    const send = connect(address)
    const last = send('traces', oneSpan())
    await pause(200)
    const closed = receiver.close()
    commit(stored)
    expect(await last).toMatchObject({ code: 'OK' })
    await closed
    expect(await send('traces', oneSpan(2))).toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('gives back what a sender held who hangs up', async () => {
    const { receiver, address } = await alone(async () => stored)
    await head(address, { 'x-ingest-key': secret }, Buffer.from([0, 0, 0, 1, 0, 1]), { hangUp: 100 })
    await pause(200)
    expect(receiver.stats()).toMatchObject({ queue: { bytes: 0, batches: 0 }, refused: [{ reason: 'cut_off', count: 1 }] })
  })

  it('ends the start when its port is taken, naming the setting, and leaves the other free again', async () => {
    const [port, grpcPort] = [await freePort(), await freePort()]
    const other = createServer()
    await new Promise<void>(resolve => other.listen(grpcPort, '127.0.0.1', resolve))
    await expect(startRunning({ port, grpcPort })).rejects.toThrow('NUXT_OTLP_GRPC_PORT')
    other.close()
    await startRunning({ port, grpcPort })
  })

  it('is switched off by port 0, without the other', async () => {
    expect((await (await startRunning()).telemetry.stats()).grpcAddress).toBeUndefined()
    const alone = await startRunning({ port: 0, grpcPort: await freePort() })
    expect([(await alone.telemetry.stats()).receiving, alone.port]).toEqual([true, undefined])
    expect(await connect(alone.grpc)('traces', oneSpan())).toMatchObject({ code: 'OK' })
  })
})

describe('the exporters of the JS SDK', () => {
  it('send all three signals over gRPC, zipped', async () => {
    const { grpc, telemetry } = await startGrpc()
    const program = `
      import { logs, metrics, trace } from '@opentelemetry/api'
      import { NodeSDK } from '@opentelemetry/sdk-node'
      const sdk = new NodeSDK()
      sdk.start()
      trace.getTracer('t').startSpan('from the SDK').end()
      logs.getLogger('l').emit({ severityNumber: 9, body: 'a line of the SDK' })
      metrics.getMeter('m').createCounter('sdk.calls').add(1)
      await sdk.shutdown()`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        OTEL_SERVICE_NAME: 'sdk', OTEL_TRACES_EXPORTER: 'otlp', OTEL_LOGS_EXPORTER: 'otlp', OTEL_METRICS_EXPORTER: 'otlp', OTEL_NODE_RESOURCE_DETECTORS: 'env',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_ENDPOINT: `http://${grpc}`, OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip', OTEL_EXPORTER_OTLP_HEADERS: `x-ingest-key=${secret}`,
      },
    })
    expect(await new Promise(resolve => child.on('exit', resolve))).toBe(0)
    const { accepted, refused } = await telemetry.stats()
    expect(accepted.map(({ signal, service, items }) => [signal, service, items]).toSorted()).toEqual([['logs', 'sdk', 1], ['metrics', 'sdk', 1], ['traces', 'sdk', 1]])
    expect(refused).toEqual([])
  })
})

/** Seconds of google.rpc.RetryInfo; its parts are so short that their lengths are a byte each. */
function retryAfter(status: Buffer): number {
  const type = 'type.googleapis.com/google.rpc.RetryInfo'
  const at = status.indexOf(type)
  expect(at).toBeGreaterThan(0)
  const [info, , delay, , seconds, value] = status.subarray(at + type.length)
  expect([info, delay, seconds]).toEqual([0x12, 0x0A, 0x08])
  return value!
}

/** Speaks HTTP/2 itself, to send what no library would; resolves with the head of the answer. */
function head(address: string, headers: Record<string, string>, body?: Buffer, { drip, hangUp }: { drip?: number, hangUp?: number } = {}): Promise<Record<string, unknown>> {
  const session = connectHttp2(`http://${address}`)
  onTestFinished(() => session.destroy())
  return new Promise((resolve) => {
    const stream = session.request({ ':method': 'POST', ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export', 'content-type': 'application/grpc', 'te': 'trailers', ...headers }, { endStream: false })
    if (body) stream.write(body)
    const timer = drip ? setInterval(() => stream.write('x'), drip) : undefined
    if (hangUp) setTimeout(() => session.destroy(), hangUp)
    stream.on('error', () => {})
    stream.on('response', resolve)
    stream.on('close', () => {
      clearInterval(timer)
      resolve({})
    })
  })
}
