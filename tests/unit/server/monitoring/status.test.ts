import { describe, expect, it } from 'vitest'
import { createMonitoring } from '#server/monitoring/monitoring'
import { AppError } from '#shared/errors'
import type { Change } from '#shared/schemas/change'
import { statusBoard } from '#shared/schemas/status'
import { HOUR, MINUTE, SECOND } from '#shared/units'
import { createFakeClock } from '../../../support/fake-clock'
import { createRegisterOf, knownEndpoint, knownService } from '../../../support/register'
import { createMetricsOf, createNoLogs, createTracesOf, traffic, type Call } from '../../../support/sources'

const now = createFakeClock().now()
const ago = (ms: number) => new Date(now.getTime() - ms)

async function boardOver(calls: Call[], register = createRegisterOf({})) {
  const clock = createFakeClock()
  const metrics = createMetricsOf(calls)
  const monitoring = createMonitoring({ clock, metrics, traces: createTracesOf([]), logs: createNoLogs(), register })
  await monitoring.poll()
  return { clock, metrics, monitoring, board: statusBoard.parse(await monitoring.board({ range: '5m' })) }
}

const gateway = { service: 'api-gateway', from: ago(2 * HOUR), to: now }

describe('status board', () => {
  it('puts the worst first and counts the states', async () => {
    const { board } = await boardOver([
      ...traffic({ service: 'fine', from: ago(HOUR), to: now }),
      ...traffic({ service: 'slow', from: ago(HOUR), to: now, took: 9_000 }),
      ...traffic({ service: 'gone', from: ago(HOUR), to: ago(10 * MINUTE) }),
      ...traffic({ service: 'failing', from: ago(HOUR), to: now, failing: 0.05 }),
    ])
    expect(board.services.map(({ name, state }) => [name, state])).toEqual([['slow', 'critical'], ['failing', 'degraded'], ['gone', 'unknown'], ['fine', 'healthy']])
    expect(board.counts).toEqual({ critical: 1, degraded: 1, unknown: 1, healthy: 1 })
  })

  it('gives every figure over the stated window, and sixty minutes of course whatever the window', async () => {
    const { board } = await boardOver(traffic({ ...gateway, perMinute: 60, failing: 0.1, took: 640 }))
    const [service] = board.services
    expect(service).toMatchObject({ requests: 300, failed: 30, p50: 640_000, p95: 640_000, p99: 640_000, usual: { p95: 640_000 } })
    expect(service!.trend.requests).toBe('z'.repeat(60))
    expect(service!.states).toHaveLength(60)
    expect(board.window).toEqual({ from: ago(5 * MINUTE).toISOString(), to: now.toISOString() })
    expect(board.population).toEqual({ kind: 'all' })
  })

  it('leaves silent minutes blank: neither zero requests nor zero milliseconds', async () => {
    const { board } = await boardOver(traffic({ service: 'worker', from: ago(HOUR), to: ago(7 * MINUTE) }))
    const { trend, p95, usual } = board.services[0]!
    expect([trend.requests.at(-1), trend.p95.at(-1), p95]).toEqual(['-', '-', null])
    expect(usual).not.toBeNull()
  })

  it('lists endpoints in trouble first, then those that moved most against their usual', async () => {
    const route = (routeKey: string, calm: number, lately: number) => [
      ...traffic({ ...gateway, to: ago(5 * MINUTE), routeKey, took: calm }),
      ...traffic({ ...gateway, from: ago(5 * MINUTE), routeKey, took: lately }),
    ]
    const { board } = await boardOver([...route('/same', 100, 100), ...route('/moved', 100, 400), ...route('/broken', 900, 8_600)], createRegisterOf({
      services: [knownService('api-gateway')],
      endpoints: [
        knownEndpoint('never', 'GET', '/never'), knownEndpoint('same', 'GET', '/same'), knownEndpoint('moved', 'GET', '/moved'), knownEndpoint('broken', 'GET', '/broken'),
        knownEndpoint('draft', 'GET', '/draft', { lifecycle: 'draft' }),
      ],
    }))
    expect(board.endpoints.map(({ id, state, usual }) => [id, state, usual?.p95 ?? null])).toEqual([
      ['broken', 'critical', 900_000], ['moved', 'healthy', 100_000], ['same', 'healthy', 100_000], ['never', 'unknown', null],
    ])
    expect(board.endpointCount).toBe(4)
  })

  it('says "not enough data" rather than compare with a moment', async () => {
    const { board } = await boardOver(traffic({ service: 'new', from: ago(8 * MINUTE), to: now }))
    expect(board.services[0]!.usual).toBeNull()
  })

  it('asks the source no more often for many viewers, and never once per service', async () => {
    const { metrics, monitoring } = await boardOver(Array.from({ length: 30 }, (_, i) => traffic({ service: `s${i}`, from: ago(6 * MINUTE), to: now })).flat())
    metrics.asked = 0
    await Promise.all(Array.from({ length: 32 }, () => monitoring.board({ range: '15m' })))
    expect(metrics.asked).toBeLessThanOrEqual(5)
  })

  it('has fresh figures by the time it tells of a round', async () => {
    const calls = traffic({ service: 'shop', from: ago(10 * MINUTE), to: now })
    const { clock, monitoring } = await boardOver(calls)
    calls.push(...traffic({ service: 'shop', from: now, to: new Date(now.getTime() + 10_000), perMinute: 600, took: 9_000 }))
    clock.advance(10 * SECOND)
    await monitoring.poll()
    const board = await monitoring.board({ range: '5m' })
    expect([board.at, board.services[0]!.state]).toEqual([clock.now().toISOString(), 'critical'])
  })

  it('stands without its figures, and says which source is away', async () => {
    const { clock, metrics, monitoring } = await boardOver([], createRegisterOf({ services: [knownService('shop')] }))
    metrics.broken = new AppError('source.unavailable', { source: 'embedded' })
    clock.advance(MINUTE)
    await monitoring.poll()
    const board = await monitoring.board({ range: '15m' })
    expect(board.services).toMatchObject([{ name: 'shop', state: 'unknown', reason: { code: 'monitoring.reason.source' }, p95: null }])
    expect(board.warnings).toEqual([{ source: 'embedded', code: 'unavailable', since: undefined }])
  })

  it('shows the newest changes of the day', async () => {
    const change = (id: string, at: Date): Change => ({ id, kind: 'deployment', service: 'auth', version: '2', key: null, oldValue: null, newValue: null, author: null, source: 'announced', endpoint: null, at: at.toISOString() })
    const { board } = await boardOver([], createRegisterOf({ changes: [change('b', ago(MINUTE)), change('a', ago(25 * HOUR))] }))
    expect(board.changes.map(({ id }) => id)).toEqual(['b'])
  })
})
