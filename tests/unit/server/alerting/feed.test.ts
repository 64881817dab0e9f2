import { describe, expect, it } from 'vitest'
import { createFeed } from '#server/alerting/detection/feed'
import { Memory } from '#server/alerting/detection/series'
import type { Steps } from '#server/alerting/detection/steps'
import type { MetricSource, RequestsQuery } from '#server/telemetry/ports'
import { DAY, HOUR, MINUTE, SECOND } from '#shared/units'
import { metricSource } from '../../../support/telemetry-sources'
import { createTelemetryStore } from '../../../support/telemetry-store'
import { spanId, traceId, traceRequest } from '../../../support/otlp/build'

const SERVER = 2
const CLIENT = 3
let last = 0

/** A request that ended at `at`, and the call it made. */
function request(at: number, { took = 100, status = 200 } = {}) {
  const id = ++last
  return traceRequest({ service: 'gateway' }, [
    { traceId: traceId(id), spanId: spanId(2 * id), kind: SERVER, name: 'GET /orders', from: -took, to: 0, attributes: { 'http.request.method': 'GET', 'http.route': '/orders', 'http.response.status_code': status } },
    { traceId: traceId(id), spanId: spanId(2 * id + 1), parentSpanId: spanId(2 * id), kind: CLIENT, name: 'SELECT', from: -took / 2, to: 0, attributes: { 'db.system': 'mysql', 'db.namespace': 'orders' } },
  ], at)
}

/** The store with a feed from it, as both run in production but for the threads. */
function fed() {
  const store = createTelemetryStore()
  const memory = new Memory()
  const start = Math.ceil(store.clock.now().getTime() / MINUTE) * MINUTE
  store.clock.advance(start - store.clock.now().getTime())
  return {
    ...store, memory, start, feed: createFeed({ metrics: store.metrics, memory }),
    route: () => memory.findRoute({ service: 'gateway', method: 'GET', routeKey: '/orders' })!,
    call: () => memory.of('gateway').find(({ kind }) => kind === 'call')!,
  }
}

describe('feeding what detection knows', () => {
  it('counts requests and calls by steps of ten seconds, and rolls them up', async () => {
    const { send, clock, start, feed, route, call } = fed()
    for (let at = start; at < start + MINUTE; at += 5 * SECOND) send('traces', request(at, { status: at === start ? 503 : 200 }))
    clock.advance(MINUTE)
    await feed.tick(new Date(start + MINUTE))
    const first = route().fine.number(start)
    expect(route().fine.sum(first, first + 1)).toMatchObject({ spans: 2, requests: 2, failed: 1, duration: 200_000 })
    expect(route().minutes.sum(start / MINUTE, start / MINUTE + 1)).toMatchObject({ spans: 12, failed: 1 })
    expect(call().subject).toMatchObject({ service: 'gateway', remote: 'mysql/orders' })
    expect(call().minutes.requests(start / MINUTE)).toBe(12)
  })

  it('goes on where the clock was an hour ahead and was put back', async () => {
    const memory = new Memory()
    const metrics = {
      requests: async ({ window: { from, to }, step }: RequestsQuery & { step: number }) => ({
        data: Array.from({ length: (to.getTime() - from.getTime()) / step }, (_, i) => ({ service: 'gateway', method: 'GET', routeKey: '/orders', at: new Date(from.getTime() + i * step), spans: step / 10_000, requests: step / 10_000, failed: 0, clientErrors: 0, duration: 1 })),
      }),
      operations: async () => ({ data: [] }),
    }
    const feed = createFeed({ metrics: metrics as unknown as MetricSource, memory })
    const at = new Date('2026-11-29T10:00:00Z')
    await feed.tick(new Date(at.getTime() + HOUR))
    await feed.tick(at)
    const { fine, minutes } = memory.findRoute({ service: 'gateway', method: 'GET', routeKey: '/orders' })!
    const sum = (steps: Steps, length: number) => steps.sum(steps.number(at.getTime() - length), steps.number(at.getTime())).requests
    expect([sum(fine, MINUTE), sum(minutes, 10 * MINUTE)]).toEqual([6, 60])
  })

  it('takes what comes late into account', async () => {
    const { send, clock, start, feed, route } = fed()
    send('traces', request(start + 5 * SECOND))
    clock.advance(10 * SECOND)
    await feed.tick(new Date(start + 10 * SECOND))
    send('traces', request(start + 6 * SECOND))
    clock.advance(40 * SECOND)
    await feed.tick(new Date(start + 50 * SECOND))
    expect(route().fine.requests(start / (10 * SECOND))).toBe(2)
  })

  it('knows the hour before its start by minutes', async () => {
    const { send, clock, start, feed, memory, route } = fed()
    for (let minute = 0; minute < 70; minute++) {
      send('traces', request(start + minute * MINUTE))
      clock.advance(MINUTE)
    }
    await feed.tick(new Date(start + 70 * MINUTE))
    expect(memory.history(new Date(start + 70 * MINUTE))).toBe(70 * MINUTE)
    expect(route().minutes.sum(start / MINUTE, start / MINUTE + 70).requests).toBe(70)
  })

  it('makes good what it could not ask for', async () => {
    const { send, clock, start, memory, metrics, route } = fed()
    let away = false
    const unsure: MetricSource = { ...metrics, requests: query => (away ? Promise.reject(new Error('away')) : metrics.requests(query)) }
    const feed = createFeed({ metrics: unsure, memory })
    await feed.tick(new Date(start))
    away = true
    for (let at = start; at < start + 5 * MINUTE; at += 10 * SECOND) {
      send('traces', request(at))
      clock.advance(10 * SECOND)
      await expect(feed.tick(new Date(at + 10 * SECOND))).rejects.toThrow('away')
    }
    away = false
    await feed.tick(new Date(start + 5 * MINUTE))
    expect(route().fine.sum(start / (10 * SECOND), start / (10 * SECOND) + 30).requests).toBe(30)
    expect(route().minutes.sum(start / MINUTE, start / MINUTE + 5).requests).toBe(30)
  })

  it('asks three questions a tick, and six once a minute', async () => {
    const memory = new Memory()
    const start = Date.parse('2026-11-23T10:00:00Z')
    const asked: RequestsQuery['window'][] = []
    const nothing = async ({ window }: { window: RequestsQuery['window'] }) => {
      asked.push(window)
      return { data: [], population: { kind: 'all' as const }, warnings: [] }
    }
    const feed = createFeed({ metrics: metricSource({ requests: nothing, operations: nothing }), memory })
    await feed.tick(new Date(start))
    const counts: number[] = []
    for (let at = start + 10 * SECOND; at <= start + MINUTE; at += 10 * SECOND) {
      asked.length = 0
      await feed.tick(new Date(at))
      counts.push(asked.length)
    }
    expect(counts).toEqual([3, 3, 3, 3, 3, 6])
  })

  it('knows the same hour of earlier weeks where two of them are held', async () => {
    const at = new Date('2026-11-23T10:20:00Z')
    const hour = Date.parse('2026-11-23T10:00:00Z')
    const weeks = new Map([[1, 300], [2, 100], [3, 200]])
    const feed = createFeed({
      memory: new Memory(),
      metrics: metricSource({
        async requests({ window }) {
          const time = weeks.get((hour - window.from.getTime()) / (7 * DAY))
          expect(window.to.getTime() - window.from.getTime()).toBe(HOUR)
          const row = { spans: 10, requests: 10, failed: 0, clientErrors: 0, duration: 10_000 * (time ?? 0), p50: 1_000 * (time ?? 0), p95: 0, p99: 0 }
          return { data: time ? [{ ...row, service: 'gateway', method: 'GET', routeKey: '/orders' }, ...(time === 100 ? [{ ...row, service: 'gateway', method: 'GET', routeKey: '/new' }] : [])] : [], population: { kind: 'all' }, warnings: [] }
        },
        operations: async () => ({ data: [], population: { kind: 'all' }, warnings: [] }),
      }),
    })
    await feed.recallWeeks(at)
    const weekly = (routeKey: string) => feed.weekly({ subject: { service: 'gateway', method: 'GET', routeKey } } as Parameters<typeof feed.weekly>[0])
    expect(weekly('/orders')).toEqual({ mean: 200_000, typical: 200_000 })
    expect(weekly('/new')).toBeUndefined()
  })
})

describe('what arrives', () => {
  it('is counted by the second of its arrival, and not what is long over', () => {
    const { store, send, clock, start } = fed()
    send('traces', request(start - 500, { took: 100, status: 503 }))
    send('traces', request(start - 20 * SECOND, { took: 8_000 }))
    send('traces', request(start - 5 * MINUTE))
    clock.advance(SECOND)
    send('traces', request(start + 500))
    const { completions } = store.takeTouched()
    expect(completions.map(({ durations: _, ...rest }) => rest)).toEqual([
      { service: 'gateway', method: 'GET', routeKey: '/orders', second: start / SECOND, spans: 2, requests: 2, failed: 1 },
      { service: 'gateway', method: 'GET', routeKey: '/orders', second: start / SECOND + 1, spans: 1, requests: 1, failed: 0 },
    ])
    const times = completions[0]!.durations.map(([duration]) => duration).sort((a, b) => a - b)
    expect(Math.abs(times[0]! - 100_000)).toBeLessThan(5_000)
    expect(Math.abs(times[1]! - 8_000_000)).toBeLessThan(400_000)
    expect(store.takeTouched().completions).toEqual([])
  })
})
