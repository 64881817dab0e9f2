import { describe, expect, it } from 'vitest'
import { createMonitoring } from '#server/monitoring/monitoring'
import type { TraceQuery, TraceSummary } from '#server/telemetry/ports'
import { mapEdgeDetail, serviceMap } from '#shared/schemas/service-map'
import { encodeSkeleton } from '#shared/trace/skeleton'
import { AppError } from '#shared/errors'
import { createFakeClock } from '../../../support/fake-clock'
import { createRegisterOf, knownEndpoint, knownService } from '../../../support/register'
import { createMetricsOf, createNoLogs, createTracesOf, type Call } from '../../../support/sources'
import { traceSummary } from '../../../support/telemetry-sources'

const noTraces = createTracesOf([])
const now = new Date('2026-11-23T05:32:10Z')
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000)
const many = (call: Omit<Call, 'at'>, count = 30): Call[] => Array.from({ length: count }, (_, i) => ({ at: ago(2 + i), ...call }))
const calls = [
  ...many({ service: 'gate', consumer: 'acme' }), ...many({ service: 'pay' }),
  ...many({ service: 'gate', kind: 'client', remote: 'pay', operation: 'POST', took: 40 }), ...many({ service: 'gate', kind: 'client', remote: 'pay', operation: 'GET', took: 900, failed: true }, 10),
]

const register = createRegisterOf({
  services: [knownService('gate', { display: 'Gate', colour: 3 })],
  endpoints: [knownEndpoint('o', 'POST', '/orders', { service: 'gate' }), knownEndpoint('r', 'POST', '/refunds', { service: 'gate' })],
})

async function create(options: { calls?: Call[], traces?: Partial<typeof noTraces> } = {}) {
  const metrics = createMetricsOf(options.calls ?? calls)
  const monitoring = createMonitoring({ clock: createFakeClock(now), traces: { ...noTraces, ...options.traces }, metrics, logs: createNoLogs(), register })
  await monitoring.poll()
  return { metrics, map: monitoring.map }
}

describe('the map', () => {
  it('is what its schema says, with the names people gave', async () => {
    const { map } = await create()
    const answer = serviceMap.parse(await map.read({ range: '5m' }))
    expect(answer.nodes.map(({ name, kind, colour }) => [name, kind, colour])).toEqual([['', 'consumers', null], ['Gate', 'service', 3], ['pay', 'service', null]])
    expect(answer.edges.map(({ from, to, state, figures }) => [from, to, state, figures?.requests])).toEqual([['consumers', 'service:gate', 'healthy', 30], ['service:gate', 'service:pay', 'critical', 40]])
    expect(answer).toMatchObject({ basis: 'calls', counts: { services: 2, edges: 1 }, names: ['Gate', 'pay'], dense: false, warnings: [] })
  })

  it('asks the sources as often for many readers as for one', async () => {
    const { map, metrics } = await create()
    await map.read({ range: '5m' })
    const asked = metrics.asked
    await Promise.all(Array.from({ length: 32 }, (_, i) => map.read({ range: '5m', ...(i % 2 && { only: 'trouble' as const }) })))
    expect(metrics.asked).toBe(asked)
  })

  it('stands without its figures where the source is away, and says why', async () => {
    const { map, metrics } = await create()
    metrics.broken = new AppError('source.unavailable', { source: 'embedded' })
    const answer = serviceMap.parse(await map.read({ range: '15m' }))
    expect(answer.warnings).toEqual([expect.objectContaining({ source: 'embedded', code: 'unavailable' })])
  })

  it('takes queues from traces where messages are counted and no metric names their queue', async () => {
    const at = now.getTime() * 1_000
    const span = (spanId: string, parentId: string | undefined, service: string, kind: 'producer' | 'consumer') => ({ traceId: 'a'.repeat(32), spanId, key: spanId, ...(parentId && { parentId }), name: 'x', kind, service, start: at, duration: 1_000, status: 'unset' as const, remote: 'orders', attributes: {} })
    const bytes = encodeSkeleton([span('1'.repeat(16), undefined, 'Gate', 'producer'), span('2'.repeat(16), '1'.repeat(16), 'Worker', 'consumer')] as never)
    let asked = 0
    const traces = {
      search: async (query: TraceQuery) => ({ ...await noTraces.search(query), traces: [traceSummary({ spans: 2, services: ['gate', 'worker'] })] }),
      skeleton: async () => (asked++, { bytes: bytes.slice(0), lastArrival: ago(5), warnings: [] }),
    }
    const { map } = await create({ calls: [...calls, ...many({ service: 'worker', method: '', routeKey: '(no route)' })], traces })
    const { basis, edges } = await map.read({ range: '5m' })
    expect(basis).toBe('calls')
    expect(edges.filter(({ kind }) => kind === 'message').map(({ from, to, figures }) => [from, to, figures])).toEqual([['service:gate', 'queue:orders', null], ['queue:orders', 'service:worker', null]])
    expect(asked).toBeGreaterThan(0)

    asked = 0
    const named = [...many({ service: 'gate', kind: 'producer', remote: 'orders' }), ...many({ service: 'worker', method: '', routeKey: 'orders' })]
    await (await create({ calls: [...calls, ...named], traces })).map.read({ range: '5m' })
    expect(asked).toBe(0)
  })

  it('is linked from traces where no metric knows who calls whom', async () => {
    const at = now.getTime() * 1_000
    const span = (spanId: string, parentId: string | undefined, service: string, kind: 'server' | 'client', offset: number) => ({
      traceId: 'a'.repeat(32), spanId, key: spanId, ...(parentId && { parentId }), name: 'x', kind, service, start: at + offset, duration: 1_000 - offset, status: 'unset' as const, attributes: {},
    })
    const bytes = encodeSkeleton([span('1'.repeat(16), undefined, 'Gate', 'server', 0), span('2'.repeat(16), '1'.repeat(16), 'Gate', 'client', 10), span('3'.repeat(16), '2'.repeat(16), 'Pay', 'server', 20)] as never)
    const summary = { traceId: 'a'.repeat(32), startedAt: ago(5), duration: 1_000, root: { service: 'gate', operation: 'x', kind: 'server' as const }, failed: false, spans: 3, services: ['gate', 'pay'], path: [] }
    const { map } = await create({
      calls: [...many({ service: 'gate' }), ...many({ service: 'pay' })],
      traces: { search: async ({ window }) => ({ ...await noTraces.search({ window, limit: 1 }), traces: [summary] }), skeleton: async () => ({ bytes: bytes.slice(0), lastArrival: ago(5), warnings: [] }) },
    })
    const answer = await map.read({ range: '5m' })
    expect(answer.basis).toBe('traces')
    expect(answer.edges.find(({ kind }) => kind === 'call')).toMatchObject({ from: 'service:gate', to: 'service:pay', state: 'unknown', figures: null })
  })

  it('takes the lines that the trace source knows by itself', async () => {
    const { map } = await create({ calls: many({ service: 'gate' }), traces: { capabilities: { ...noTraces.capabilities, dependencies: true }, dependencies: async () => [{ parent: 'Gate', child: 'Bank', calls: 9, errors: 1 }] } })
    expect((await map.read({ range: '5m' })).edges).toContainEqual(expect.objectContaining({ from: 'service:gate', to: 'service:bank', figures: null }))
  })
})

describe('one link', () => {
  it('is what its schema says: over the window, the hour and by operation', async () => {
    const { map } = await create()
    const edge = mapEdgeDetail.parse(await map.edge({ caller: 'Gate', callee: 'pay', range: '5m' }, { withTraces: false }))
    expect(edge).toMatchObject({ caller: { name: 'Gate', colour: 3 }, callee: { name: 'pay', kind: 'service' }, state: 'critical', red: { requests: 40, failed: 10 }, levels: { errors: 'critical' } })
    expect(edge.operations.map(({ operation, requests, failed }) => [operation, requests, failed])).toEqual([['POST', 30, 0], ['GET', 10, 10]])
    expect(edge.trend.requests).toHaveLength(60)
  })

  it('that nobody used is there without figures', async () => {
    const { map } = await create()
    expect(await map.edge({ caller: 'gate', callee: 'nobody', range: '5m' }, { withTraces: true })).toMatchObject({ state: 'unknown', red: { requests: 0, p95: null }, operations: [], through: { traces: 0, endpoints: [] } })
  })

  it('says which registered endpoints pass it, by a sample of the traces that do', async () => {
    const asked: TraceQuery[] = []
    const of = (id: string, routeKey: string, rest: Partial<TraceSummary> = {}) => traceSummary({ traceId: id, services: ['gate', 'pay'], root: { service: 'gate', operation: 'x', method: 'POST', routeKey, kind: 'server' }, ...rest })
    const found = [of('a', '/orders'), of('b', '/orders', { failed: true }), of('c', '/refunds'), of('d', '/unknown'), of('e', '/orders', { services: ['gate', 'bank'] })]
    const { map } = await create({ traces: { search: async (query) => {
      asked.push(query)
      return { ...await noTraces.search(query), traces: query.operation === 'POST' ? found : [], population: { kind: 'kept' } }
    } } })
    const { through } = mapEdgeDetail.parse(await map.edge({ caller: 'Gate', callee: 'pay', range: '5m' }, { withTraces: true }))
    expect(through).toEqual({
      traces: 4, population: { kind: 'kept' }, others: 1,
      endpoints: [expect.objectContaining({ id: 'o', template: '/orders', traces: 2, share: 0.5, failed: 1 }), expect.objectContaining({ id: 'r', traces: 1, share: 0.25, failed: 0 })],
    })
    // By the caller's own calls, from everywhere in the window.
    expect(new Set(asked.map(({ service, operation }) => `${service} ${operation}`))).toEqual(new Set(['gate POST', 'gate GET']))
    expect(new Set(asked.map(({ window }) => window.from.getTime())).size).toBe(4)
  })

  it('takes whoever went through both services where calls are counted without their names', async () => {
    const passing = traceSummary({ services: ['gate', 'pay'], root: { service: 'gate', operation: 'x', method: 'POST', routeKey: '/orders', kind: 'server' } })
    const nameless = calls.map(({ operation: _, ...call }) => ({ ...call, ...(call.kind === 'client' && { operation: '' }) }))
    const { map } = await create({ calls: nameless, traces: { search: async query => ({ ...await noTraces.search(query), traces: query.operation === undefined ? [passing] : [] }) } })
    expect((await map.edge({ caller: 'gate', callee: 'pay', range: '5m' }, { withTraces: true })).through).toMatchObject({ traces: 1, endpoints: [{ id: 'o', share: 1 }] })
  })

  it('is whole but for its traces where those are away, or not for the reader', async () => {
    const { map } = await create({ traces: { search: async () => {
      throw new AppError('source.unavailable', { source: 'zipkin' })
    } } })
    const question = { caller: 'Gate', callee: 'pay', range: '5m' } as const
    expect(await map.edge(question, { withTraces: true })).toMatchObject({ red: { requests: 40 }, through: null, warnings: [{ code: 'unavailable' }] })
    expect(await map.edge(question, { withTraces: false })).toMatchObject({ through: null, warnings: [] })
  })
})
