import { describe, expect, it, vi } from 'vitest'
import { createMonitoring } from '#server/monitoring/monitoring'
import { withPatience } from '#server/patience'
import type { TraceQuery, TraceSummary } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'
import type { Permission } from '#shared/permissions'
import type { Change } from '#shared/schemas/change'
import { endpointAnalysis } from '#shared/schemas/endpoint-analysis'
import { HOUR, MINUTE } from '#shared/units'
import { actorWith } from '../../../support/actor'
import { createFakeClock } from '../../../support/fake-clock'
import { createRegisterOf, knownEndpoint, knownService } from '../../../support/register'
import { createMetricsOf, createNoLogs, createTracesOf, traffic } from '../../../support/sources'
import { traceSummary } from '../../../support/telemetry-sources'

const now = createFakeClock().now()
const ago = (ms: number) => new Date(now.getTime() - ms)
const onset = ago(13 * MINUTE)
const route = { service: 'api-gateway', method: 'POST', routeKey: '/process' }

const calls = [
  ...traffic({ ...route, from: ago(3 * HOUR), to: onset, perMinute: 120, took: 700, consumer: 'partner-shop' }),
  ...traffic({ ...route, from: onset, to: now, perMinute: 120, took: 8_600, failing: 0.6, consumer: 'partner-pay' }),
]
const trace = (at: Date, millis: number, rest: Partial<TraceSummary> = {}) => traceSummary({
  traceId: at.getTime().toString(16).padStart(32, '0'), startedAt: at, duration: millis * 1_000, rootDuration: millis * 1_000, failed: millis > 8_000,
  root: { ...route, operation: 'POST /process', kind: 'server' }, services: ['api-gateway', 'external-api'], consumer: 'partner-shop',
  path: [{ service: 'api-gateway', micros: 100_000 }, { service: 'external-api', micros: (millis - 100) * 1_000 }], ...rest,
})
const traces = [
  ...Array.from({ length: 40 }, (_, i) => trace(ago(2 * HOUR + i * MINUTE), 500)),
  ...Array.from({ length: 20 }, (_, i) => trace(ago((i + 1) * 30_000), 8_500 + i)),
]
const change = (service: string, at: Date): Change => ({ id: service, kind: 'configuration', service, version: null, key: 'external.timeout', oldValue: '3 s', newValue: '8 s', author: null, source: 'announced', endpoint: null, at: at.toISOString() })
const register = createRegisterOf({
  services: [knownService('api-gateway', { colour: 1 }), knownService('external-api', { colour: 3 })],
  endpoints: [knownEndpoint('e1', 'POST', '/process', { latencyObjective: 1_000 })],
  changes: [change('external-api', ago(15 * MINUTE)), change('elsewhere', ago(16 * MINUTE))],
})

async function read(permissions: Permission[] = ['traces:read', 'consumers:read'], source = createTracesOf(traces)) {
  const monitoring = createMonitoring({ clock: createFakeClock(), metrics: createMetricsOf(calls), traces: source, logs: createNoLogs(), register })
  await monitoring.poll()
  return endpointAnalysis.parse(await monitoring.endpoint(actorWith(permissions), 'e1', { range: '1h' }))
}

describe('endpoint analysis', () => {
  it('counts all requests, and knows what was usual before', async () => {
    const { red, usual, state, limit, ownObjective } = await read()
    expect(red).toMatchObject({ requests: 7_200, failed: 936 })
    expect([usual?.p95, state, limit, ownObjective]).toEqual([700_000, 'critical', 1_000_000, true])
  })

  it('follows the window in sixty steps', async () => {
    const { series } = await read()
    expect(series.step).toBe(60_000)
    expect([series.requests.length, series.requests[30], series.p95[0], series.p95.at(-2)]).toEqual([61, 120, 700_000, 8_600_000])
  })

  it('says where the time goes since the trouble began, against the day before, and on how many traces that rests', async () => {
    const { traces } = await read()
    expect(traces!.now.traces).toBe(20)
    expect(traces!.now.parts[0]).toMatchObject({ service: 'external-api' })
    expect(traces!.now.parts[0]!.share).toBeGreaterThan(0.98)
    expect(traces!.usual).toMatchObject({ traces: 40, parts: [{ service: 'external-api', micros: 400_000, share: 0.8 }, { service: 'api-gateway', share: 0.2 }] })
    expect(traces!.colours).toEqual({ 'api-gateway': 1, 'external-api': 3 })
  })

  it('passes over traces that are still arriving, unless there are too few others', async () => {
    const half = Array.from({ length: 8 }, (_, i) => trace(ago(12_000 + i * 100), 8_900, { path: [{ service: 'api-gateway', micros: 8_900_000 }] }))
    const { traces: among } = await read(undefined, createTracesOf([...traces, ...half]))
    expect(among!.now.traces).toBe(20)
    expect([...among!.failing, ...among!.slowest].flatMap(({ path }) => path.map(({ service }) => service))).toContain('external-api')
    expect(among!.failing[0]!.startedAt).toBe(ago(30_000).toISOString())

    const { traces: alone } = await read(undefined, createTracesOf([...traces.filter(({ failed }) => !failed), ...half]))
    expect(alone!.failing).toHaveLength(6)
    expect(alone!.now.traces).toBe(8)
  })

  it('waits for no backend that has much to send, and has it for who asks next', async () => {
    const clock = createFakeClock()
    let asked = 0
    let send = () => {}
    const sent = new Promise<void>(resolve => (send = resolve))
    const source = createTracesOf(traces)
    const slow = { ...source, name: 'zipkin' as const, capabilities: { ...source.capabilities, found: 'traces' as const }, search: async (query: TraceQuery) => {
      asked++
      await sent
      return source.search(query)
    } }
    const monitoring = createMonitoring({ clock, metrics: createMetricsOf(calls), traces: slow, logs: createNoLogs(), register })
    await monitoring.poll()
    const look = () => withPatience({ clock, until: clock.monotonic() + 1_000 }, () => monitoring.endpoint(actorWith(['traces:read']), 'e1', { range: '1h' }))
    const first = look()
    await vi.waitFor(() => expect(asked).toBeGreaterThan(0))
    clock.advance(1_000)
    expect(await first).toMatchObject({ traces: null, red: { requests: 7_200 }, warnings: [{ source: 'zipkin', code: 'unavailable', params: { reason: 'slow' } }] })
    send()
    await vi.waitFor(async () => expect((await look()).traces?.now.traces).toBe(20))
    const before = asked
    clock.advance(6_000)
    expect((await look()).traces?.slowest.length).toBe(6)
    expect(asked).toBe(before)
  })

  it('lists the newest failures and the slowest of all', async () => {
    const { traces } = await read()
    expect(traces!.failing).toHaveLength(6)
    expect(traces!.failing[0]!.startedAt).toBe(ago(30_000).toISOString())
    expect(traces!.slowest.map(({ duration }) => duration)).toEqual([8_519, 8_518, 8_517, 8_516, 8_515, 8_514].map(millis => millis * 1_000))
  })

  it('marks changes of the services its requests pass, and of no others', async () => {
    expect((await read()).changes.map(({ service }) => service)).toEqual(['external-api'])
  })

  it('names consumers only to those who may know them', async () => {
    expect((await read()).consumers!.map(({ id, requests }) => [id, requests])).toEqual([['partner-shop', 5_640], ['partner-pay', 1_560]])
    const cut = await read(['traces:read'])
    expect(cut).not.toHaveProperty('consumers')
    expect(cut.traces!.failing[0]).not.toHaveProperty('consumer')
  })

  it('keeps traces and bottlenecks from those who may not read them', async () => {
    const cut = await read(['consumers:read'])
    expect(cut).not.toHaveProperty('traces')
    expect(cut.red.requests).toBe(7_200)
  })

  it('stands without its traces, and says which source failed', async () => {
    const source = { ...createTracesOf(traces), search: () => Promise.reject(new AppError('source.unavailable', { source: 'embedded' })) }
    const { traces: found, warnings, red } = await read(undefined, source)
    expect([found, warnings, red.requests]).toEqual([null, [{ source: 'embedded', code: 'unavailable' }], 7_200])
  })
})
