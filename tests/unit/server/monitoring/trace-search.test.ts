import { describe, expect, it } from 'vitest'
import { createTraceSearch } from '#server/monitoring/trace-search'
import { createUsual } from '#server/monitoring/usual'
import type { MetricSource, TraceProfile, TraceQuery, TraceSource } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'
import { createFakeClock } from '../../../support/fake-clock'
import { createRegisterOf, knownService } from '../../../support/register'
import { metricSource, traceSource, traceSummary } from '../../../support/telemetry-sources'

const empty = { total: { count: 0, atLeast: false }, searchedTo: new Date('2026-11-23T05:02:10Z'), population: { kind: 'all' as const }, warnings: [] }

function create({ traces = {}, metrics = {} }: { traces?: Partial<TraceSource>, metrics?: Partial<MetricSource> } = {}) {
  const clock = createFakeClock()
  const figures = metricSource(metrics)
  const asked: TraceQuery[] = []
  const search = createTraceSearch({
    traces: traceSource({
      search: async (query) => {
        asked.push(query)
        return { ...empty, traces: [traceSummary()], total: { count: 1, atLeast: false } }
      },
      ...traces,
    }),
    metrics: figures,
    register: createRegisterOf({ services: [knownService('api-gateway'), knownService('pay', { colour: 3 })] }),
    usual: createUsual({ clock, metrics: figures }),
    clock,
  })
  return { search, asked }
}

describe('searching traces', () => {
  it('asks the source what the filter says', async () => {
    const { search, asked } = create()
    await search.search({
      service: 'API-Gateway', operation: 'Token Validation', endpoint: 'post /api/v1/orders/{orderId}', consumer: 'partner-shop',
      min: '100ms', max: '10s', failed: 'true', status: '5xx', attribute: ['api.tier=gold', 'q=a=b'], cursor: 'c',
    })
    expect(asked[0]).toEqual({
      window: { from: new Date('2026-11-23T05:02:10Z'), to: new Date('2026-11-23T05:32:10Z') },
      service: 'api-gateway', operation: 'Token Validation', method: 'POST', routeKey: '/api/v1/orders/{}', consumer: 'partner-shop',
      minDuration: 100_000, maxDuration: 10_000_000, failed: true, statusClass: 5,
      attributes: [{ key: 'api.tier', value: 'gold' }, { key: 'q', value: 'a=b' }], cursor: 'c', limit: 50,
    })
  })

  it('narrows time and duration to the drawn area, never beyond the filter', async () => {
    const { search, asked } = create()
    const [from, to] = [Date.parse('2026-11-23T05:00:00Z'), Date.parse('2026-11-23T05:22:00Z')]
    await search.search({ min: '1s', area: `${from}-${to}-500000-9000000` })
    expect(asked[0]).toMatchObject({
      window: { from: new Date('2026-11-23T05:02:10Z'), to: new Date('2026-11-23T05:22:00Z') }, minDuration: 1_000_000, maxDuration: 9_000_000,
    })
  })

  it('asks for an empty window when the drawn area lies outside it', async () => {
    const { search, asked } = create()
    await search.search({ area: '1000-2000-0-1' })
    expect(asked[0]!.window.to).toEqual(asked[0]!.window.from)
  })

  it.each([['GET (no route)', { method: 'GET', routeKey: '(no route)' }], ['- orders.paid', { method: '', routeKey: 'orders.paid' }]])('takes %s as an endpoint', async (endpoint, expected) => {
    const { search, asked } = create()
    await search.search({ endpoint })
    expect(asked[0]).toMatchObject(expected)
  })

  it('shows what the consumer waited for, and the whole trace while its root is missing', async () => {
    const { search } = create({ traces: { search: async () => ({ ...empty, traces: [
      traceSummary({ duration: 9_000_000, rootDuration: 300_000 }), traceSummary({ duration: 9_000_000, rootDuration: undefined }),
    ] }) } })
    const { traces } = await search.search({})
    expect(traces.map(({ duration, wholeDuration, rootMissing }) => ({ duration, wholeDuration, rootMissing }))).toEqual([
      { duration: 300_000, wholeDuration: 9_000_000, rootMissing: false }, { duration: 9_000_000, wholeDuration: 9_000_000, rootMissing: true },
    ])
  })

  it('sends the colours of the services it names', async () => {
    const { search } = create({ traces: { search: async () => ({ ...empty, traces: [traceSummary({ services: ['api-gateway', 'unheard-of'] })] }) } })
    expect((await search.search({})).colours).toEqual({ 'api-gateway': 1 })
  })

  it('passes on how far back it looked and what failed', async () => {
    const { search } = create({ traces: { search: async () => ({
      ...empty, traces: [traceSummary()], searchedTo: new Date('2026-11-23T05:20:00Z'), warnings: [{ source: 'zipkin', code: 'late', since: new Date('2026-11-23T05:30:00Z') }],
    }) } })
    expect(await search.search({})).toMatchObject({ searchedTo: '2026-11-23T05:20:00.000Z', warnings: [{ source: 'zipkin', code: 'late', since: '2026-11-23T05:30:00.000Z' }] })
  })
})

describe('ratio to usual', () => {
  const row = (at: string) => ({ service: 'api-gateway', method: 'POST', routeKey: '/api/v1/process', at: new Date(at), spans: 40, requests: 40, failed: 0, clientErrors: 0, duration: 1, p50: 640_000, p95: 900_000 })
  const rows = [row('2026-11-23T04:40:00Z'), row('2026-11-23T04:45:00Z')]

  it('is the median of the same endpoint over the 24 h before the window', async () => {
    const windows: unknown[] = []
    const { search } = create({ metrics: { requests: async ({ window }) => {
      windows.push(window)
      return { data: rows, population: { kind: 'all' }, warnings: [] }
    } } })
    expect((await search.search({})).traces[0]!.usual).toBe(640_000)
    expect(windows).toEqual([{ from: new Date('2026-11-22T05:00:00Z'), to: new Date('2026-11-23T05:00:00Z') }])
  })

  it('is missing, and nothing else is, when it cannot be found out', async () => {
    const { search } = create({ metrics: { requests: async () => {
      throw new AppError('source.unavailable')
    } } })
    expect((await search.search({})).traces).toMatchObject([{ traceId: traceSummary().traceId, usual: undefined }])
  })
})

describe('when nothing is found', () => {
  it('names the one condition whose removal finds most', async () => {
    const { search } = create({ traces: {
      search: async query => ({ ...empty, traces: [], total: { count: !query.consumer ? 12 : query.statusClass === undefined ? 3 : 0, atLeast: false } }),
      check: async () => ({ state: 'ok', latency: 1, lastReceived: new Date('2026-11-23T05:32:08Z') }),
    } })
    expect((await search.search({ service: 'pay', consumer: 'x', status: '5xx' })).nothing).toEqual({
      without: { key: 'consumer', value: 'x', count: 12, atLeast: false }, lastReceived: '2026-11-23T05:32:08.000Z',
    })
  })

  it('names none where no single one helps', async () => {
    const { search } = create({ traces: { search: async () => ({ ...empty, traces: [] }) } })
    expect((await search.search({ service: 'pay' })).nothing).toEqual({ without: undefined, lastReceived: undefined })
  })
})

describe('the scatter', () => {
  it('shows the whole search, whatever was drawn around', async () => {
    const asked: TraceQuery[] = []
    const { search } = create({ traces: { scatter: async (query) => {
      asked.push(query)
      return {
        points: [
          { traceId: 'a', startedAt: new Date('2026-11-23T05:02:11Z'), duration: 640_000, outcome: 'ok' },
          { traceId: 'b', startedAt: new Date('2026-11-23T05:22:10Z'), duration: 8_560_000, outcome: 'failed' },
          { traceId: 'c', startedAt: new Date('2026-11-23T05:23:10Z'), duration: 500_000, outcome: 'client-error' },
        ],
        counts: { ok: 1, clientError: 1, failed: 1 }, thinned: false, atLeast: true,
      }
    } } })
    expect(await search.scatter({ area: '1-2-3-4' })).toEqual({
      window: { from: '2026-11-23T05:02:10.000Z', to: '2026-11-23T05:32:10.000Z' },
      at: [1_000, 1_200_000, 1_260_000], duration: [640_000, 8_560_000, 500_000], outcome: 'ofc', ids: ['a', 'b', 'c'],
      counts: { ok: 1, clientError: 1, failed: 1 }, thinned: false, atLeast: true, pile: undefined,
    })
    expect(asked[0]!.minDuration).toBeUndefined()
  })
})

describe('what sets the drawn part apart', () => {
  it('compares it with the rest of the search', async () => {
    const profile = async ({ minDuration }: TraceQuery): Promise<TraceProfile> => (minDuration
      ? { traces: 20, values: [{ field: 'error.type', value: 'timeout', traces: 20 }] }
      : { traces: 520, values: [{ field: 'error.type', value: 'timeout', traces: 150 }] })
    const { search } = create({ traces: { profile } })
    expect(await search.compare({ area: `${Date.parse('2026-11-23T05:10:00Z')}-${Date.parse('2026-11-23T05:12:00Z')}-7000000-9000000` })).toEqual({
      selected: 20, others: 500, differences: [{ field: 'error.type', value: 'timeout', share: 1, others: 0.26 }], alike: [], tooFew: false,
    })
  })
})
