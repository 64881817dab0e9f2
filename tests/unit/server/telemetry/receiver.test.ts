import { createServer, connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createSystemClock } from '#server/clock'
import { startReceiver } from '#server/telemetry/embedded/receiver'
import type { IngestReply, IngestRequest } from '#server/telemetry/embedded/ingest/scans'
import { createFakeClock } from '../../../support/fake-clock'
import { attributes, logRequest, metricRequest, nanos, spanId, traceId, traceRequest } from '../../../support/otlp/build'
import { encode, messages } from '../../../support/otlp/proto'
import { freePort, ingestKey, secret, startRunning } from '../../../support/running-telemetry'
import { snapshot } from '../../../support/telemetry-store'

const now = Date.now()
const window = () => ({ from: new Date(now - 600_000), to: new Date(Date.now() + 60_000) })
const oneSpan = (id = 1, service = 'gateway') => encode('traces', traceRequest({ service }, [{ spanId: spanId(id), traceId: traceId(id), kind: 2, name: 'GET /', attributes: { 'http.route': '/' } }], now))

describe('a process that waits for the directory of another', () => {
  it('takes in by the keys of now when it takes over, not by those of when it began to', async () => {
    const first = await startRunning()
    const port = await freePort()
    const clock = createFakeClock(new Date(now))
    const { telemetry } = await startRunning({ dataDir: first.dataDir, port, clock })
    expect(telemetry.receives()).toBe(false)
    await first.close()

    clock.advance(1_000)
    const fresh = 'another-key-of-more-than-thirty-two-characters'
    telemetry.updateSnapshot(snapshot({ version: 2, keys: [ingestKey({ id: 'key-2', samplingRatio: 0.25 }, fresh)] }))
    await vi.waitFor(() => expect(telemetry.receives()).toBe(true), { timeout: 10_000 })
    const post = (key: string) => fetch(`http://127.0.0.1:${port}/v1/traces`, { method: 'POST', body: oneSpan() as BodyInit, headers: { 'content-type': 'application/x-protobuf', 'authorization': `Bearer ${key}` } })
    expect([(await post(secret)).status, (await post(fresh)).status]).toEqual([401, 200])
    expect((await telemetry.metrics.requests({ window: window(), groupBy: ['service'] })).data).toMatchObject([{ spans: 1, requests: 4 }])
  })
})

describe('a receiver by itself', () => {
  const alone = async (ingest: (request: IngestRequest) => Promise<IngestReply>, patience?: number) => {
    const receiver = await startReceiver({ clock: createSystemClock(), host: '127.0.0.1', ports: { http: 0 }, snapshot: snapshot({ keys: [ingestKey()] }), patience, ingest })
    onTestFinished(() => receiver.close())
    return { ...receiver, address: receiver.address! }
  }
  const head = `POST /v1/traces HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${secret}\r\ncontent-type: application/x-protobuf\r\n`
  const stored: IngestReply = { state: 'stored', rejected: 0, message: '' }
  const post = (port: number, body: Uint8Array) => fetch(`http://127.0.0.1:${port}/v1/traces`, { method: 'POST', body: body as BodyInit, headers: { 'content-type': 'application/x-protobuf', 'authorization': `Bearer ${secret}` } })

  it('OT-08 closes sockets that send a byte now and then', async () => {
    const { address } = await alone(async () => stored, 500)
    const began = performance.now()
    const sockets = Array.from({ length: 50 }, () => new Promise((resolve) => {
      const socket = connect(address.port, '127.0.0.1', () => socket.write(`${head}content-length: 1000\r\n\r\n`))
      const drip = setInterval(() => socket.write('x'), 100)
      socket.on('error', () => {}).resume().on('close', () => resolve(clearInterval(drip)))
    }))
    await Promise.all(sockets)
    expect(performance.now() - began).toBeLessThan(5_000)
  })

  it('OT-07 answers 200 only when the store has, and 503 with Retry-After when it cannot', async () => {
    let commit = (_: IngestReply) => {}
    const { address } = await alone(() => new Promise((resolve) => {
      commit = resolve
    }))
    let answered = false
    const first = post(address.port, oneSpan()).finally(() => answered = true)
    await new Promise(resolve => setTimeout(resolve, 200))
    expect(answered).toBe(false)
    commit(stored)
    expect((await first).status).toBe(200)
    const second = post(address.port, oneSpan(2))
    await new Promise(resolve => setTimeout(resolve, 100))
    commit({ state: 'busy', message: 'the disk is full' })
    expect([(await second).status, (await second).headers.get('retry-after')]).toEqual([503, '5'])
  })

  it('OT-07 never answers 500: a store that is gone is a reason to come again', async () => {
    const { address } = await alone(() => Promise.reject(new Error('the worker ended')))
    expect((await post(address.port, oneSpan())).status).toBe(503)
  })

  it('OT-07 says busy rather than hold more than it may', async () => {
    const waiting: ((reply: IngestReply) => void)[] = []
    const { address, stats } = await alone(() => new Promise(resolve => waiting.push(resolve)))
    const large = Buffer.alloc(15 * 1024 * 1024)
    const answers = Array.from({ length: 6 }, () => post(address.port, large).then(answer => answer.status, () => 503))
    while (waiting.length < 4) await new Promise(resolve => setTimeout(resolve, 20))
    expect(stats().queue.bytes).toBeLessThanOrEqual(64 * 1024 * 1024)
    const early = await Promise.race(answers)
    for (const reply of waiting) reply(stored)
    expect([early, (await Promise.all(answers)).filter(status => status === 200).length]).toEqual([503, 4])
    expect(stats().queue).toMatchObject({ bytes: 0, batches: 0 })
  })

  it('commits what is in hand when it closes, and takes nothing more', async () => {
    let commit = (_: IngestReply) => {}
    const receiver = await alone(() => new Promise((resolve) => {
      commit = resolve
    }))
    const last = post(receiver.address.port, oneSpan())
    await new Promise(resolve => setTimeout(resolve, 200))
    const closed = receiver.close()
    commit(stored)
    expect((await last).status).toBe(200)
    await closed
    await expect(post(receiver.address.port, oneSpan(2))).rejects.toThrow()
  })
})

describe('the receiver', () => {
  it('takes traces, logs and metrics, plain and zipped, as protobuf and as JSON', async () => {
    const { telemetry, post } = await startRunning()
    expect((await post('/v1/traces', oneSpan())).status).toBe(200)
    const logs = logRequest({ service: 'gateway' }, [{ body: '안녕', traceId: traceId(1) }], now)
    expect((await post('/v1/logs', gzipSync(JSON.stringify(logs)), { 'content-type': 'application/json', 'content-encoding': 'gzip' })).status).toBe(200)
    const metrics = metricRequest({ service: 'gateway' }, [{ name: 'queue.size', unit: '1', gauge: { dataPoints: [{ timeUnixNano: nanos(now), asDouble: 4.5, attributes: attributes({ queue: 'a' }) }] } }])
    const answer = await post('/v1/metrics', JSON.stringify(metrics), { 'content-type': 'application/json' })
    expect([answer.status, answer.headers.get('content-type'), await answer.json()]).toEqual([200, 'application/json', {}])

    expect((await telemetry.traces.search({ window: window(), limit: 10 })).traces).toMatchObject([{ traceId: traceId(1) }])
    expect((await telemetry.logs.ofTrace(traceId(1), 10)).lines).toMatchObject([{ body: '안녕' }])
    expect(await telemetry.metrics.points({ window: window(), service: 'gateway', metric: 'queue.size', step: 60_000 })).toMatchObject([{ attributes: { queue: 'a' }, points: [{ value: 4.5 }] }])
    const { accepted, disk } = await telemetry.stats()
    expect(accepted).toHaveLength(3)
    expect(disk.volume!.freeBytes).toBeLessThan(disk.volume!.bytes)
    expect(disk.volume!.bytes).toBeGreaterThan(disk.usedBytes)
  })

  it('OT-01 refuses without a key or with a wrong one, before the body is sent', async () => {
    const { port, post, telemetry } = await startRunning()
    expect((await post('/v1/traces', oneSpan(), { authorization: '' })).status).toBe(401)
    expect((await post('/v1/traces', oneSpan(), { authorization: 'Bearer wrong' })).status).toBe(401)
    expect((await post('/v1/traces', oneSpan(), { 'authorization': '', 'x-ingest-key': secret })).status).toBe(200)
    // Only the head is sent: whoever answers now has not read a byte of the body.
    const answer = await talk(port!, `POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: 1000000\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 401 /)
    expect((await telemetry.stats()).refused.map(({ reason, count }) => [reason, count])).toEqual([['no_key', 2], ['unknown_key', 1]])
  })

  it('OT-01 lets a key write for the services it names only', async () => {
    const { post, telemetry } = await startRunning({ snapshot: { keys: [ingestKey({ services: ['gateway'] })] } })
    const answer = await post('/v1/traces', oneSpan(1, 'payroll'))
    expect(answer.status).toBe(200)
    const { partialSuccess } = messages.response.decode(new Uint8Array(await answer.arrayBuffer())) as unknown as { partialSuccess: { rejected: { toNumber: () => number }, errorMessage: string } }
    expect([Number(partialSuccess.rejected), partialSuccess.errorMessage]).toEqual([1, '1 of a service this key may not write for'])
    await post('/v1/traces', oneSpan(2))
    expect((await telemetry.metrics.services()).map(({ service }) => service)).toEqual(['gateway'])
  })

  it.each([
    ['another path', '/v1/profiles', {}, 404],
    ['another type', '/v1/traces', { 'content-type': 'text/plain' }, 415],
    ['no type', '/v1/traces', { 'content-type': '' }, 415],
    ['an unknown encoding', '/v1/traces', { 'content-encoding': 'br' }, 415],
    ['stacked encodings', '/v1/traces', { 'content-encoding': 'gzip, gzip' }, 415],
    ['what is not gzip', '/v1/traces', { 'content-encoding': 'gzip' }, 400],
  ])('OT-02 refuses %s', async (_, path, headers, status) => {
    const { post } = await startRunning()
    const answer = await post(path, oneSpan(), headers)
    expect(answer.status).toBe(status)
    expect(messages.status.decode(new Uint8Array(await answer.arrayBuffer()))).toMatchObject({ message: expect.stringMatching(/./) })
  })

  it('refuses other methods', async () => {
    const { url } = await startRunning()
    const answer = await fetch(`${url}/v1/traces`)
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
  })

  it('OT-02 stops a gzip bomb and a body without end at the caps', async () => {
    const { post, port } = await startRunning()
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024))
    const before = process.memoryUsage().rss
    expect((await post('/v1/traces', bomb, { 'content-encoding': 'gzip' })).status).toBe(413)
    expect(process.memoryUsage().rss - before).toBeLessThan(96 * 1024 * 1024)
    const head = `POST /v1/traces HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${secret}\r\ncontent-type: application/x-protobuf\r\n`
    expect(await talk(port!, `${head}content-length: ${64 * 1024 * 1024}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 413 /)
    const chunk = `100000\r\n${'a'.repeat(0x100000)}\r\n`
    expect(await talk(port!, `${head}transfer-encoding: chunked\r\n\r\n${chunk.repeat(20)}`)).toMatch(/^HTTP\/1\.1 413 /)
  })

  it('OT-07 answers 400 to what cannot be decoded, in the encoding it came in', async () => {
    const { post } = await startRunning()
    const json = await post('/v1/traces', '{"resourceSpans":', { 'content-type': 'application/json' })
    expect([json.status, await json.json()]).toMatchObject([400, { code: 3 }])
    expect((await post('/v1/traces', Buffer.from([10, 255, 1]))).status).toBe(400)
    expect((await post('/v1/traces', new Uint8Array(0))).status).toBe(200)
  })

  it('OT-06 stores a batch once, however often and at once it is sent', async () => {
    const { post, telemetry } = await startRunning()
    const answers = await Promise.all(Array.from({ length: 10 }, () => post('/v1/traces', oneSpan())))
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
    const { data } = await telemetry.metrics.requests({ window: window(), groupBy: ['service'] })
    expect(data).toMatchObject([{ spans: 1 }])
  })

  it('OT-09 holds a key to its requests a minute', async () => {
    const { post } = await startRunning({ snapshot: { keys: [ingestKey({ requestsPerMinute: 2 })] } })
    await post('/v1/traces', oneSpan())
    await post('/v1/traces', oneSpan())
    const answer = await post('/v1/traces', oneSpan())
    expect(answer.status).toBe(429)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('rejects a signal that is read from elsewhere, with the reason', async () => {
    const { post } = await startRunning({ connected: ['logs'] })
    const answer = await post('/v1/logs', JSON.stringify(logRequest({}, [{ body: 'x' }], now)), { 'content-type': 'application/json' })
    expect([answer.status, await answer.json()]).toMatchObject([200, { partialSuccess: { rejectedLogRecords: '1', errorMessage: expect.stringContaining('another backend') } }])
  })

  it('ends the start when the port is taken, naming the setting', async () => {
    const port = await freePort()
    const other = createServer()
    await new Promise<void>(resolve => other.listen(port, '127.0.0.1', resolve))
    await expect(startRunning({ port })).rejects.toThrow('NUXT_OTLP_PORT')
    other.close()
  })

  it('lets a second process on the directory read, but not receive', async () => {
    const first = await startRunning()
    const second = await startRunning({ dataDir: first.dataDir })
    await first.post('/v1/traces', oneSpan())
    expect(second.port).toBeUndefined()
    expect((await second.telemetry.traces.search({ window: window(), limit: 10 })).traces).toHaveLength(1)
  })

  it('tells who listens what a commit touched', async () => {
    const { post, telemetry } = await startRunning()
    const commit = new Promise(resolve => telemetry.onCommit(resolve))
    await post('/v1/traces', oneSpan())
    expect(await commit).toMatchObject({ signals: ['traces'], services: ['gateway'], traces: [traceId(1)], newRoutes: [{ service: 'gateway', routeKey: '/' }] })
  })
})

/** Sends raw text and answers what comes back until the other side is done. */
function talk(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.on('data', (data) => {
      answer += data
      socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
  })
}
