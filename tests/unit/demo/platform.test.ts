import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { FaultName } from '../../../demo/faults.ts'
import { services, startPlatform } from '../../../demo/platform/platform.ts'
import { sixFreePorts } from '../../support/free-ports.ts'
import { startOtlpSink, type SunkSpan } from '../../support/otlp-sink.ts'

interface RequestOf { consumer: string, method: string, path: string, body?: object }
const transfer = (consumer: string): RequestOf => ({ consumer, method: 'POST', path: '/api/v1/process', body: { type: 'transfer', amount: 1_000 } })

let sink: Awaited<ReturnType<typeof startOtlpSink>>
let platform: Awaited<ReturnType<typeof startPlatform>>
let port: number
const switched: [string, boolean][] = []

beforeAll(async () => {
  sink = await startOtlpSink()
  port = await sixFreePorts()
  platform = await startPlatform({
    port,
    rate: 4,
    otlpEndpoint: sink.url,
    ingestKey: 'a key/with=signs',
    onSwitch: (fault, isOn) => switched.push([fault, isOn]),
    env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_BSP_SCHEDULE_DELAY: '300', OTEL_BLRP_SCHEDULE_DELAY: '300', OTEL_METRIC_EXPORT_INTERVAL: '2000', OTEL_METRIC_EXPORT_TIMEOUT: '1500' },
  })
}, 60_000)

afterAll(async () => {
  await platform?.stop()
  await sink?.close()
})

/** The traces of one endpoint that have arrived from everybody who took part; each process sends when it is ready to. */
function wholeTraces(route: string): SunkSpan[][] {
  const roots = sink.spans.filter(span => span.service === 'api-gateway' && span.name === route && !span.parentSpanId)
  return roots.map(root => sink.spans.filter(span => span.traceId === root.traceId)).filter((spans) => {
    const ids = new Set(spans.map(span => span.spanId))
    return services.every(service => spans.some(span => span.service === service)) && spans.every(span => !span.parentSpanId || ids.has(span.parentSpanId))
  })
}

describe('the demo platform', () => {
  it('sends one trace for a request through all five services and over the queue', async () => {
    const spans = await vi.waitFor(() => wholeTraces('POST /api/v1/process')[0] ?? fail(), { timeout: 30_000, interval: 200 })
    const byId = new Map(spans.map(span => [span.spanId, span]))
    const roots = spans.filter(span => !span.parentSpanId)
    expect(roots.map(span => span.name)).toEqual(['POST /api/v1/process'])

    for (const name of ['openapi.process.request', 'Token Validation', 'GET jwt:keys', 'external.api.call', 'legacy.settle', 'SELECT order_items', 'publish process.completed', 'process process.completed', 'render template']) {
      expect(spans.map(span => span.name)).toContain(name)
    }
    const consumer = spans.find(span => span.name === 'process process.completed')!
    expect(byId.get(consumer.parentSpanId!)).toMatchObject({ name: 'publish process.completed', service: 'business-service', kind: 4 })
  }, 60_000)

  it('names the consumer, the route, the callee and the sender', () => {
    const spans = wholeTraces('POST /api/v1/process')[0]!
    const find = (service: string, kind: number) => spans.find(span => span.service === service && span.kind === kind)!
    expect(find('api-gateway', 2).attributes).toMatchObject({ 'http.route': '/api/v1/process', 'http.request.method': 'POST', 'url.path': '/api/v1/process', 'api.client.id': expect.stringMatching(/^partner-/) })
    expect(find('business-service', 2).attributes).toMatchObject({ 'http.route': '/internal/process', 'http.request.header.x-client-id': expect.objectContaining({ values: [{ stringValue: expect.stringMatching(/^partner-/) }] }) })
    expect(spans.find(span => span.name === 'openapi.process.request')!.attributes).toMatchObject({ 'api.client.id': expect.any(String), 'api.request.type': expect.any(String) })
    expect(spans.find(span => span.service === 'business-service' && span.attributes['url.full'] !== undefined)!.attributes).toMatchObject({ 'server.address': 'external-api' })
    expect(spans.find(span => span.name === 'SELECT order_items')!.attributes).toMatchObject({ 'db.system.name': 'mysql', 'db.query.text': expect.any(String) })
    expect(find('business-service', 2).resource).toMatchObject({ 'service.version': '2.8.0', 'host.name': 'business-1', 'service.instance.id': expect.any(String) })
    expect(sink.keys).toEqual(new Set(['a key/with=signs']))
  })

  it('leaves the route out of one service, so that paths are matched too', () => {
    const external = sink.spans.filter(span => span.service === 'external-api' && span.kind === 2)
    expect(external.length).toBeGreaterThan(0)
    for (const span of external) {
      expect(span.attributes).not.toHaveProperty('http.route')
      expect(span.attributes).toHaveProperty('url.path')
    }
  })

  it('writes log lines into their trace, and measures things of its own', async () => {
    const traceId = wholeTraces('POST /api/v1/process')[0]![0]!.traceId
    const lines = await vi.waitFor(() => {
      const lines = sink.logs.filter(log => log.traceId === traceId)
      return lines.some(line => line.service === 'notification-worker') ? lines : fail()
    }, { timeout: 15_000 })
    expect(lines.map(line => line.body)).toContain('calling external-api, timeout=3000')
    const calling = sink.spans.find(span => span.spanId === lines.find(line => line.body.startsWith('calling'))!.spanId)!
    expect(calling).toMatchObject({ kind: 3, attributes: { 'server.address': 'external-api' } })
    for (const line of lines) expect(sink.spans.some(span => span.spanId === line.spanId && span.service === line.service)).toBe(true)
    await vi.waitFor(() => expect(sink.metrics.map(metric => metric.name)).toEqual(expect.arrayContaining(['queue.depth', 'jwt.cache.hits', 'http.server.request.duration'])), { timeout: 15_000 })
  }, 60_000)

  it('switches faults over its control port, one at a time, and off again', async () => {
    const fault = async (name: string) => (await fetch(`http://127.0.0.1:${port + 5}/fault/${name}`, { method: 'PUT' })).json()
    expect(await fault('version-errors')).toEqual({ on: 'version-errors' })
    await Promise.all(Array.from({ length: 16 }, () => fetch(`http://127.0.0.1:${port}/api/v1/payments`, {
      method: 'POST',
      headers: { 'authorization': `Bearer ${platform.tokenFor('partner-shop')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ method: 'card' }),
    })))
    // By its error: a starved machine has failures of its own.
    const stumbled = await vi.waitFor(() => {
      const spans = sink.spans.filter(span => span.name === 'PaymentService.authorize' && span.attributes['error.type'] === 'TypeError')
      return spans.length > 0 ? spans : fail()
    }, { timeout: 30_000 })
    expect(new Set(stumbled.map(span => span.resource['service.version']))).toEqual(new Set(['2.9.0']))

    expect(await fault('external-timeout')).toEqual({ on: 'external-timeout' })
    expect(await fault('off')).toEqual({ on: null })
    expect(switched).toEqual([['version-errors', true], ['version-errors', false], ['external-timeout', true], ['external-timeout', false]])
  }, 120_000)

  it.each<[FaultName, RequestOf, (span: SunkSpan, all: SunkSpan[]) => boolean]>([
    ['slow-code', transfer('partner-shop'), ({ name, milliseconds }) => name === 'ProcessService.validate' && milliseconds > 100],
    ['n-plus-one', { method: 'GET', path: '/api/v1/orders', consumer: 'mobile-app' }, ({ name, traceId }, all) => name === 'SELECT orders' && all.filter(other => other.traceId === traceId && other.name === 'SELECT order_items').length > 2],
    ['slow-grants', { method: 'GET', path: '/api/v1/products', consumer: 'mobile-app' }, ({ name, milliseconds }) => name === 'SELECT client_grants' && milliseconds > 200],
    ['transfer-errors', transfer('partner-shop'), ({ name, status }) => name === 'legacy.settle' && status?.message === 'no ledger for transfers'],
    ['retry-storm', transfer('partner-shop'), ({ name, traceId }, all) => name === 'external.api.call' && all.filter(other => other.traceId === traceId && other.name === 'legacy.settle').length > 1],
    ['slow-host', transfer('partner-shop'), ({ name, resource, milliseconds }) => name === 'ProcessService.validate' && resource['host.name'] === 'business-2' && resource['service.version'] === '2.8.0' && milliseconds > 20],
    ['slow-partner', transfer('partner-pay'), ({ name, milliseconds }) => name === 'ProcessService.validate' && milliseconds > 300],
  ])('plays %s', async (fault, { consumer, method, path, body }, shows) => {
    await platform.setFault(fault)
    await Promise.all(Array.from({ length: 6 }, () => fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { 'authorization': `Bearer ${platform.tokenFor(consumer)}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })))
    await vi.waitFor(() => sink.spans.some(span => shows(span, sink.spans)) || fail(), { timeout: 30_000, interval: 200 })
    await platform.setFault(undefined)
  }, 60_000)

  it('refuses a fault it does not know, and pages of other sites', async () => {
    expect((await fetch(`http://127.0.0.1:${port + 5}/fault/earthquake`, { method: 'PUT' })).status).toBe(404)
    expect((await fetch(`http://127.0.0.1:${port + 5}/fault/slow-query`, { method: 'PUT', headers: { origin: 'http://elsewhere.example' } })).status).toBe(405)
  })

  it('says which port is taken and how to choose another, and leaves nothing running', async () => {
    await expect(startPlatform({ port, rate: 1, otlpEndpoint: sink.url })).rejects.toThrow(/is taken.*DEMO_PORT/)
  })

  it('ends all its processes when told to', async () => {
    const pids = platform.pids()
    expect(pids).toHaveLength(5)
    await platform.stop()
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow()
  }, 30_000)
})

function fail(): never {
  throw new Error('not yet')
}
