import { describe, expect, it } from 'vitest'
import { collectDiagnosisInput, diagnose, type CollectPorts, type CollectQuery } from '#server/diagnosis/diagnosis'
import { AppError } from '#shared/errors'
import { createText } from '#shared/text/text'
import { en } from '#shared/text/en'
import type { Attributes, Span } from '#shared/trace/span'
import { request, type Call } from '../../../support/diagnosis'
import { createFakeClock } from '../../../support/fake-clock'
import { toLogRequest, toTraceRequest } from '../../../support/otlp/from-spans'
import { createTelemetryStore } from '../../../support/telemetry-store'

const now = new Date('2026-11-23T05:32:10Z')
const seconds = (n: number) => n * 1_000_000

/** A request a second for ten minutes; for the last 90 s the query takes `slow` ms. */
function platform({ slow, name = 'GET /orders/{id}', attributes = {} }: { slow: number, name?: string, attributes?: Attributes }): Span[][] {
  return Array.from({ length: 600 }, (_, second) => {
    const query = second < 510 ? 20 + second % 7 : slow + second % 7
    const call: Call = {
      service: 'shop', name, from: 0, to: query + 10, attributes,
      inside: [{ service: 'shop', name: 'SELECT orders', kind: 'client', from: 5, to: 5 + query, attributes: { 'db.system.name': 'postgresql', 'db.namespace': 'orders', 'server.address': 'db-1.internal' } }],
    }
    return request((second + 1).toString(16).padStart(32, '0'), now.getTime() * 1_000 - seconds(600 - second) - 400_000, call)
  })
}

function holding(traces: Span[][], lines: Parameters<typeof toLogRequest>[0] = []) {
  const store = createTelemetryStore({ clock: createFakeClock(now) })
  store.send('traces', toTraceRequest(traces.flat()))
  if (lines.length) store.send('logs', toLogRequest(lines))
  const ports: CollectPorts = { ...store, changes: () => [] }
  return { store, ports }
}

const orders = { service: 'shop', method: 'GET', routeKey: '/orders/{}' }
const query: CollectQuery = { at: now, symptoms: [orders], excluded: [] }

describe('what a diagnosis looks at', () => {
  it('is filled from the sources so that the culprit is found, named as figures name it', async () => {
    const { ports, store } = holding(platform({ slow: 900 }))
    const diagnosis = diagnose(await collectDiagnosisInput(query, ports))
    expect(diagnosis.culprit).toEqual({ service: 'shop', operation: 'SELECT orders', remote: 'postgresql/orders', type: 'slow_dependency' })
    const { data } = await store.metrics.operations({ window: { from: new Date(now.getTime() - 600_000), to: now }, groupBy: ['remote'], where: { kind: 'client' } })
    expect(data.map(({ remote }) => remote)).toEqual([diagnosis.culprit!.remote])
    expect(diagnosis.onset! / 1_000).toBeGreaterThan(now.getTime() - 110_000)
    expect(diagnosis.onset! / 1_000).toBeLessThanOrEqual(now.getTime() - 70_000)
  })

  it.each<[string, Parameters<typeof platform>[0]]>([
    ['by the route in a name', { slow: 900 }],
    ['by the route beside a name that says nothing', { slow: 900, name: 'GET', attributes: { 'http.request.method': 'GET', 'http.route': '/orders/:order' } }],
    ['by the route beside a name of its own', { slow: 900, name: 'OrderController.find', attributes: { 'http.request.method': 'GET', 'http.route': '/orders/{orderId}' } }],
  ])('finds the operations of a route %s', async (_, drawn) => {
    const { ports } = holding(platform(drawn))
    const input = await collectDiagnosisInput(query, ports)
    expect(input.symptoms).toEqual([{ service: 'shop', operation: drawn.name === 'GET' ? 'GET /orders/:order' : drawn.name ?? 'GET /orders/{id}' }])
    expect(input.series[0]!.steps.length).toBeGreaterThan(50)
    expect(diagnose(input).culprit?.remote).toBe('postgresql/orders')
  })

  it('holds the lines of its traces, and what was changed', async () => {
    const traces = platform({ slow: 900 })
    const line = { nanos: `${now.getTime() - 20_000}000000`, service: 'shop', body: 'slow query', traceId: traces[580]![0]!.traceId, spanId: traces[580]![1]!.spanId }
    const { ports } = holding(traces, [line, { ...line, traceId: 'f'.repeat(32) }])
    const change = { id: '1', service: 'shop', version: '2.1.0', key: null, oldValue: null, newValue: null, author: null, source: 'seen' as const, endpoint: null, at: new Date(now.getTime() - 100_000).toISOString() }
    const input = await collectDiagnosisInput(query, { ...ports, changes: () => [{ ...change, kind: 'deployment' }, { ...change, kind: 'endpoint' }] })
    expect(input.logs.map(({ body }) => body)).toEqual(['slow query'])
    expect(input.linesOf).toContain(line.traceId)
    expect(input.changes).toEqual([{ at: now.getTime() * 1_000 - seconds(100), kind: 'deployment', service: 'shop', what: '2.1.0' }])
  })

  it.each<[string, (ports: CollectPorts) => CollectPorts, RegExp, string | null]>([
    ['figures', ports => ({ ...ports, metrics: { ...ports.metrics, requests: () => Promise.reject(new AppError('source.unavailable', { source: 'embedded' })) } }), /figures could not be read/, 'postgresql/orders'],
    ['log lines', ports => ({ ...ports, logs: { ...ports.logs, ofTraces: () => Promise.reject(new AppError('source.unavailable', { source: 'embedded' })) } }), /log lines could not be read/, 'postgresql/orders'],
    ['changes', ports => ({ ...ports, changes: () => Promise.reject(new Error('locked')) }), /changes could not be read/, 'postgresql/orders'],
    ['traces', ports => ({ ...ports, traces: { ...ports.traces, batch: () => Promise.reject(new AppError('source.unavailable', { source: 'embedded' })) } }), /traces could not be read/, null],
  ])('goes on without %s and says so', async (_, broken, said, remote) => {
    const { ports } = holding(platform({ slow: 900 }))
    const diagnosis = diagnose(await collectDiagnosisInput(query, broken(ports)))
    const text = createText(en, { language: 'en', zone: 'UTC' }, { now: () => now })
    expect(diagnosis.caveats.map(text.sentence).join('\n')).toMatch(said)
    expect(diagnosis.culprit?.remote ?? null).toBe(remote)
  })

  it('does not wait for a source that never answers', async () => {
    const { ports, store } = holding(platform({ slow: 900 }))
    const asked = collectDiagnosisInput(query, { ...ports, metrics: { ...ports.metrics, requests: () => new Promise(() => {}) } })
    await new Promise(resolve => setImmediate(resolve))
    store.clock.advance(8_000)
    expect((await asked).caveats).toMatchObject([{ code: 'diagnosis.caveat.metrics_unavailable' }])
  })
})
