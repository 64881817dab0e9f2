import { describe, expect, it } from 'vitest'
import { createMonitoring } from '#server/monitoring/monitoring'
import { AppError } from '#shared/errors'
import { serviceAnalysis } from '#shared/schemas/service-analysis'
import { HOUR, MINUTE } from '#shared/units'
import { actorWith } from '../../../support/actor'
import { createFakeClock } from '../../../support/fake-clock'
import { createRegisterOf, knownEndpoint, knownService } from '../../../support/register'
import { createMetricsOf, createNoLogs, createTracesOf, traffic, type Call } from '../../../support/sources'
import { traceSummary } from '../../../support/telemetry-sources'

const now = createFakeClock().now()
const ago = (ms: number) => new Date(now.getTime() - ms)
const hour = { from: ago(HOUR), to: now }

async function read(calls: Call[], { register = createRegisterOf({}), role = 'operator' as 'operator' | 'viewer', traces = createTracesOf([]), errors = [] as Awaited<ReturnType<ReturnType<typeof createMetricsOf>['errors']>>['data'] } = {}) {
  const clock = createFakeClock()
  const metrics = createMetricsOf(calls)
  metrics.errors = async () => ({ data: errors, population: { kind: 'all' }, warnings: [] })
  const monitoring = createMonitoring({ clock, metrics, traces, logs: createNoLogs(), register })
  await monitoring.poll()
  return serviceAnalysis.parse(await monitoring.service(actorWith(role), 'business', { range: '5m' }))
}

describe('service', () => {
  it('CA-02: is never given the answer of one with a look-alike name', async () => {
    const names = ['a-b', 'ab', 'a/b', 'a:b', 'é', 'e', 'x?1', 'x?2']
    const clock = createFakeClock()
    const calls = names.flatMap((service, i) => traffic({ service, perMinute: 6 * (i + 1), took: 10, ...hour }))
    const monitoring = createMonitoring({ clock, metrics: createMetricsOf(calls), traces: createTracesOf([]), logs: createNoLogs(), register: createRegisterOf({ services: names.map(name => knownService(name)) }) })
    await monitoring.poll()
    const answers = await Promise.all(names.map(name => monitoring.service(actorWith('operator'), name, { range: '5m' })))
    expect(answers.map(({ operations }) => operations[0]?.requests)).toEqual(names.map((_, i) => 30 * (i + 1)))
  })

  it('sorts what it is asked for by the time that costs, in shares that make up the whole', async () => {
    const { operations } = await read([
      ...traffic({ service: 'business', method: 'GET', routeKey: '/often', perMinute: 60, took: 10, ...hour }),
      ...traffic({ service: 'business', method: 'POST', routeKey: '/slow', perMinute: 6, took: 5_800, ...hour }),
    ])
    expect(operations.map(({ route }) => route)).toEqual(['/slow', '/often'])
    expect(operations[0]).toMatchObject({ requests: 30, mean: 5_800_000, usual: { p95: 5_800_000 } })
    expect(operations.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1)
  })

  it('measures both directions where the call is made', async () => {
    const { callers, callees } = await read([
      ...traffic({ service: 'business', took: 9, ...hour }),
      ...traffic({ service: 'gateway', kind: 'client', remote: 'business', took: 12, ...hour }),
      ...traffic({ service: 'business', kind: 'client', remote: 'external', took: 8_000, failing: 0.6, ...hour }),
      ...traffic({ service: 'business', kind: 'client', remote: 'mysql', remoteKind: 'database', took: 24, ...hour }),
      ...traffic({ service: 'business', kind: 'producer', remote: 'notifications', remoteKind: 'messaging', took: 2, ...hour }),
      ...traffic({ service: 'business', kind: 'internal', operation: 'compute', ...hour }),
    ], { register: createRegisterOf({ services: [knownService('external', { colour: 3 }), knownService('gateway', { colour: 7 })] }) })
    expect(callers).toMatchObject([{ name: 'gateway', colour: 7, state: 'healthy', p95: 12_000 }])
    expect(callees.map(({ name, kind, colour, state, silent }) => [name, kind, colour, state, silent])).toEqual([
      ['external', 'service', 3, 'critical', true],
      ['mysql', 'database', null, 'healthy', false],
      ['notifications', 'messaging', null, 'healthy', false],
    ])
  })

  it('shows a route as it was registered, and leads to its endpoint', async () => {
    const { operations, endpoints } = await read(traffic({ service: 'business', method: 'GET', routeKey: '/orders/{}', ...hour }), {
      register: createRegisterOf({ services: [knownService('business')], endpoints: [knownEndpoint('e1', 'GET', '/orders/{orderId}', { service: 'business' }), knownEndpoint('e2', 'GET', '/other')] }),
    })
    expect(operations[0]).toMatchObject({ route: '/orders/{orderId}', endpointId: 'e1' })
    expect(endpoints.map(({ id }) => id)).toEqual(['e1'])
  })

  it('is not found where neither the register nor telemetry ever heard of it', async () => {
    await expect(read(traffic({ service: 'other', ...hour }))).rejects.toMatchObject({ code: 'service.not_found' })
  })

  describe('the endpoints that pass it', () => {
    const known = createRegisterOf({
      services: [knownService('business')],
      endpoints: [knownEndpoint('own', 'GET', '/own', { service: 'business' }), knownEndpoint('passing', 'POST', '/process'), knownEndpoint('elsewhere', 'GET', '/elsewhere'), knownEndpoint('draft', 'GET', '/draft', { lifecycle: 'draft' })],
    })
    const passes = (routeKey: string, method: string, seconds: number, own: number, other: number) => traceSummary({
      traceId: `${routeKey}${seconds}`, startedAt: ago(seconds * 1_000), root: { service: 'api-gateway', method, routeKey, operation: routeKey, kind: 'server' },
      services: ['api-gateway', 'business'], path: [{ service: 'api-gateway', micros: other }, { service: 'business', micros: own }],
    })
    const calls = [...traffic({ service: 'business', ...hour }), ...traffic({ service: 'api-gateway', method: 'POST', routeKey: '/process', perMinute: 60, failing: 0.5, ...hour })]
    const traces = createTracesOf([
      passes('/process', 'POST', 20, 300_000, 100_000), passes('/process', 'POST', 200, 500_000, 100_000),
      passes('/draft', 'GET', 30, 1, 1), passes('/nobody', 'GET', 40, 1, 1),
      { ...passes('/elsewhere', 'GET', 30, 0, 1), services: ['api-gateway'] },
    ])

    it('are found in traces of the whole range, with the share of their time that is this service', async () => {
      const { endpoints, passing } = await read(calls, { register: known, traces })
      expect(passing).toEqual({ traces: 4, population: { kind: 'all' } })
      expect(endpoints.map(({ id, part }) => [id, part])).toEqual([['passing', { traces: 2, micros: 400_000, share: 0.8 }], ['own', null]])
      expect(endpoints[0]).toMatchObject({ requests: 300, failed: 150, levels: { errors: 'critical' } })
    })

    it('do not add to what the service itself is asked for', async () => {
      expect((await read(calls, { register: known, traces })).operations).toHaveLength(1)
    })

    it('are only its own for those who may not read traces', async () => {
      const analysis = await read(calls, { register: known, traces, role: 'viewer' })
      expect(analysis).not.toHaveProperty('passing')
      expect(analysis.endpoints.map(({ id }) => id)).toEqual(['own'])
      expect(analysis.endpoints[0]).not.toHaveProperty('part')
    })

    it('are a bounded number of questions, however many there are', async () => {
      let asked = 0
      await read(calls, { register: known, traces: { ...traces, search: (query) => {
        asked += query.limit
        return traces.search(query)
      } } })
      expect(asked).toBe(240)
    })

    it('are missing with a warning where the source fails', async () => {
      const search = () => Promise.reject(new AppError('source.unavailable', { source: 'zipkin' }))
      const { endpoints, passing, warnings } = await read(calls, { register: known, traces: { ...traces, search } })
      expect(passing).toBeNull()
      expect(endpoints.map(({ id }) => id)).toEqual(['own'])
      expect(warnings).toMatchObject([{ code: 'unavailable' }])
    })
  })

  const group = { errorType: 'TimeoutError', message: 'no response within 8000 ms', operation: 'POST', count: 5, firstSeen: ago(10 * MINUTE), lastSeen: now, traceId: 'a'.repeat(32), series: [{ at: ago(MINUTE), count: 5 }] }

  it('groups errors by message with their last hour', async () => {
    const { errors } = await read(traffic({ service: 'business', ...hour }), { errors: [group] })
    expect(errors).toMatchObject([{ errorType: 'TimeoutError', count: 5 }])
    expect(errors![0]!.trend).toHaveLength(60)
    expect(errors![0]!.trend.at(-1)).toBe(5)
  })

  it('tells a failure once that goes up through the spans above it', async () => {
    const { errors } = await read(traffic({ service: 'business', ...hour }), { errors: [{ ...group, operation: 'POST /internal/process' }, group, { ...group, message: 'other', count: 1 }] })
    expect(errors!.map(({ count, operations }) => [count, operations])).toEqual([[5, ['POST /internal/process', 'POST']], [1, ['POST']]])
    expect(errors![0]!.trend.at(-1)).toBe(5)
  })

  it('keeps error messages from those who may not read traces', async () => {
    expect(await read(traffic({ service: 'business', ...hour }), { errors: [group], role: 'viewer' })).not.toHaveProperty('errors')
  })
})
