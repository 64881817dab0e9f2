import { describe, expect, it } from 'vitest'
import { decodeSkeleton } from '#shared/trace/skeleton'
import { base, logRequest, spanId, traceId, traceRequest, type SentSpan } from '../../../support/otlp/build'
import { createTelemetryStore } from '../../../support/telemetry-store'

const window = { from: new Date(base - 60_000), to: new Date(base + 120_000) }

const call: SentSpan[] = [
  { spanId: spanId(1), name: 'POST /api/v1/process', kind: 2, from: 0, to: 100, attributes: { 'http.request.method': 'POST', 'http.route': '/api/v1/process', 'http.response.status_code': 502, 'api.client.id': 'acme' }, status: { code: 2, message: 'bad gateway' } },
  { spanId: spanId(2), parentSpanId: spanId(1), name: 'POST', kind: 3, from: 10, to: 90, attributes: { 'server.address': '127.0.0.1', 'server.port': 7102 } },
]

describe.each(['protobuf', 'json'] as const)('what is sent as %s', (encoding) => {
  it('is found, read whole and counted', async () => {
    const store = createTelemetryStore()
    expect(store.send('traces', traceRequest({ service: 'Gateway', resource: { 'service.version': '1.2.0' } }, call), { encoding })).toEqual({ state: 'stored', rejected: 0, message: '' })
    expect(store.send('traces', traceRequest({ service: 'business' }, [{ spanId: spanId(3), parentSpanId: spanId(2), name: 'work', kind: 2, from: 20, to: 80, attributes: { 'http.method': 'POST', 'http.target': '/work/17?x=1' } }]), { encoding }).state).toBe('stored')

    const page = await store.traces.search({ window, service: 'gateway', limit: 10 })
    expect(page.traces).toMatchObject([{ traceId: traceId(1), spans: 3, services: ['gateway', 'business'], failed: true, consumer: 'acme', status: 502, rootDuration: 100_000, root: { service: 'gateway', method: 'POST', routeKey: '/api/v1/process' } }])
    expect(page.traces[0]!.path.reduce((sum, part) => sum + part.micros, 0)).toBe(100_000)

    const skeleton = decodeSkeleton((await store.traces.skeleton(traceId(1)))!.bytes)
    expect(skeleton.count).toBe(3)
    expect(await store.traces.span(traceId(1), spanId(1))).toMatchObject({ name: 'POST /api/v1/process', kind: 'server', statusMessage: 'bad gateway', attributes: { 'api.client.id': 'acme', 'http.response.status_code': 502 }, resource: { 'service.version': '1.2.0' } })

    const red = await store.metrics.requests({ window, groupBy: ['service', 'routeKey', 'consumer'] })
    expect(red.data).toMatchObject([
      { service: 'gateway', routeKey: '/api/v1/process', consumer: 'acme', spans: 1, failed: 1 },
      { service: 'business', routeKey: '/work/{}', consumer: 'acme', spans: 1, failed: 0 },
    ])
    const edges = await store.metrics.operations({ window, groupBy: ['service', 'kind', 'remote'], where: { kind: 'client' } })
    expect(edges.data).toMatchObject([{ service: 'gateway', kind: 'client', remote: 'business', remoteKind: 'service', spans: 1 }])
  })
})

it('keeps the lines of a trace with it', async () => {
  const store = createTelemetryStore()
  store.send('logs', logRequest({ service: 'gateway' }, [{ at: 5, body: '결제 실패: timeout after 8000 ms', severity: 17, traceId: traceId(1), spanId: spanId(1) }, { at: 3, body: 'first' }]))
  expect((await store.logs.ofTrace(traceId(1), 10)).lines).toMatchObject([{ body: '결제 실패: timeout after 8000 ms', level: 'error', service: 'gateway' }])
  expect((await store.logs.search({ window, text: '결제', limit: 10 })).lines).toHaveLength(1)
  expect((await store.logs.search({ window, limit: 10 })).lines.map(line => line.body)).toEqual(['결제 실패: timeout after 8000 ms', 'first'])
})

describe('a trace that comes in parts', () => {
  const failing = (id: number, to: number, type: string, server: string): SentSpan =>
    ({ spanId: spanId(id), ...(id > 1 && { parentSpanId: spanId(id - 1) }), name: 'POST', kind: 3, from: 0, to, attributes: { 'error.type': type, 'server.address': server }, status: { code: 2 } })
  const parts = [failing(1, 90, 'GaveUp', 'shop'), failing(2, 80, 'Timeout', 'bank'), failing(3, 85, 'Late', 'stock')]
  const profileOf = async (store: ReturnType<typeof createTelemetryStore>) => {
    const { values } = await store.traces.profile({ window, service: 'gateway', limit: 10 })
    const of = (field: string) => values.filter(value => value.field === field).map(({ value }) => value).toSorted()
    return { error: of('error.type'), servers: of('server.address') }
  }

  it.each([[[0, 1, 2]], [[2, 1, 0]], [[1, 2, 0]]])('is told by the error that came to its end first, in the order %s', async (order) => {
    const store = createTelemetryStore()
    for (const part of order) store.send('traces', traceRequest({ service: 'gateway' }, [parts[part]!]))
    expect(await profileOf(store)).toEqual({ error: ['Timeout'], servers: ['bank', 'shop', 'stock'] })
  })

  it('is added to where a process before began it', async () => {
    const before = createTelemetryStore()
    before.send('traces', traceRequest({ service: 'gateway' }, [parts[2]!, parts[0]!]))
    const after = createTelemetryStore({ path: before.path })
    after.send('traces', traceRequest({ service: 'gateway' }, [parts[1]!]))
    expect(await profileOf(after)).toEqual({ error: ['Timeout'], servers: ['bank', 'shop', 'stock'] })
    after.send('traces', traceRequest({ service: 'gateway' }, [failing(4, 88, 'Later', 'shop')]))
    expect((await profileOf(after)).error).toEqual(['Timeout'])
  })
})
