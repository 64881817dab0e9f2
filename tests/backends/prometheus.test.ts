import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { createSystemClock } from '#server/clock'
import type { MetricSource } from '#server/telemetry/ports'
import { createPrometheusMetricSource } from '#server/telemetry/prometheus/metric-source'
import { createUpstream } from '#server/telemetry/upstream/upstream'
import type { Span } from '#shared/trace/span'
import { writeHistory, type History } from '../support/prometheus-history'
import { request, span, start, window } from '../contract/build-spans'
import { describeMetricSource } from '../contract/metric-source'
import { describeWith, urlOf } from './support/backends.ts'

/** Who is asked, and who is sent what it holds: behind Thanos stands a Prometheus, Cortex asks under a path of its own. */
const url = inject('backends').prometheus
const takes = process.env.BACKENDS_PROMETHEUS_WRITE_URL || url
/** VictoriaMetrics keeps no native histograms. */
const takesNative = takes !== undefined && (await fetch(`${takes}/api/v1/otlp/v1/metrics`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })).ok

describeWith(['prometheus'], 'a real Prometheus', () => {
  const clock = createSystemClock()
  const begins = Math.floor(clock.now().getTime() / 600_000) * 600_000 - 1_200_000
  const shift = begins - start / 1000
  const run = clock.now().getTime().toString(36)
  let cases = 0

  const holding = (histograms: 'classic' | 'native') => holdingBy({ histograms })
  const holdingBy = ({ restartsAt, ...senders }: Pick<History, 'histograms' | 'senders' | 'restartsAt'>) => async (spans: Span[]): Promise<MetricSource> => {
    const environment = `${run}-${cases++}`
    await writeHistory(spans, { url: takes!, ...senders, ...(restartsAt && { restartsAt: later(restartsAt) }), shift: shift * 1000, environment, from: later(window.from), to: later(window.to) })
    const upstream = createUpstream({ source: 'prometheus', url: urlOf('prometheus'), clock, probe: '/api/v1/query?query=time()' })
    onTestFinished(() => upstream.close())
    return shifted(createPrometheusMetricSource({ upstream, clock, consumerAttributes: ['api.client.id'], only: [{ label: 'deployment_environment_name', operator: '=', value: environment }] }))
  }

  const later = (at: Date) => new Date(at.getTime() + shift)
  const earlier = (at: Date) => new Date(at.getTime() - shift)

  /** The kits live at a time of their own. */
  function shifted(source: MetricSource): MetricSource {
    const moved = <Q extends { window: { from: Date, to: Date } }>(query: Q): Q => ({ ...query, window: { from: later(query.window.from), to: later(query.window.to) } })
    const back = <R extends { at?: Date }>(rows: R[]): R[] => rows.map(row => ({ ...row, ...(row.at && { at: earlier(row.at) }) }))
    return {
      ...source, get capabilities() { return source.capabilities },
      requests: async (query) => { const answer = await source.requests(moved(query)); return { ...answer, data: back(answer.data) } },
      operations: async (query) => { const answer = await source.operations(moved(query)); return { ...answer, data: back(answer.data) } },
      durations: query => source.durations(moved(query)),
      errors: query => source.errors(moved(query)),
      exemplars: async query => back(await source.exemplars(moved(query))),
    }
  }

  if (takesNative) describeMetricSource('Prometheus with native histograms', holding('native'))
  describeMetricSource('Prometheus with classic histograms', holding('classic'), { coarse: true })

  describe('beside the kit', () => {
    const calls = (count: number, from = 0, status = 200) => Array.from({ length: count }, (_, i) =>
      request({ trace: from + i, id: from + i, route: '/orders/{id}', from: from * 10, to: from * 10 + 200, status, service: 'Orders', resource: { 'service.namespace': 'store' } }))

    it.each([
      ['names of today', ['http']], ['names of before', ['http-old']], ['both for the same requests', ['http', 'http-old']],
    ] as const)('counts HTTP servers by %s', async (_, senders) => {
      const source = await holdingBy({ histograms: 'classic', senders: [...senders] })([...calls(30), ...calls(5, 100, 503), ...calls(5, 200, 404)])
      const { data, warnings } = await source.requests({ window, groupBy: ['service', 'method', 'routeKey'] })
      expect(data).toMatchObject([{ service: 'orders', method: 'GET', routeKey: '/orders/{}', requests: 40, failed: 5, clientErrors: 5, duration: 8_000_000 }])
      expect(data[0]!.p95).toBeGreaterThan(100_000)
      expect(data[0]!.p95).toBeLessThanOrEqual(250_000)
      expect(warnings).toEqual([])
    })

    it('counts steps, whatever kind of histogram, without warnings', async () => {
      for (const histograms of takesNative ? ['classic', 'native'] as const : ['classic'] as const) {
        const source = await holdingBy({ histograms, senders: ['http'] })([...calls(30), ...calls(6, 12_000)])
        const { data, warnings } = await source.requests({ window, groupBy: ['service'], step: 60_000, where: { routeKey: '/orders/{}' } })
        expect(data.map(({ requests, duration, p50 }) => [requests, duration, Math.round(p50! / 1e5)])).toEqual([[30, 6_000_000, 2], [6, 1_200_000, 2]])
        // Of all routes at once, the spread of a series' first calls is given up for speed; the counts are not.
        const all = await source.requests({ window, groupBy: ['service'], step: 60_000 })
        expect(all.data.map(({ requests, duration, p50 }) => [requests, duration, p50 && Math.round(p50 / 1e5)])).toEqual([[30, 6_000_000, undefined], [6, 1_200_000, 2]])
        expect(warnings).toEqual([])
      }
    })

    it('tells of calls to others by their address where nothing else is known', async () => {
      const source = await holdingBy({ histograms: 'classic', senders: ['http'] })([
        ...calls(3),
        span({ id: 900, kind: 'client', service: 'Gateway', name: 'GET', to: 30, attributes: { 'http.request.method': 'GET', 'server.address': 'orders', 'server.port': 8080, 'http.response.status_code': 200 } }),
        span({ id: 901, kind: 'client', service: 'Gateway', name: 'GET', to: 30, attributes: { 'http.request.method': 'GET', 'server.address': 'bank.example', 'http.response.status_code': 503 } }),
      ])
      const { data } = await source.operations({ window, groupBy: ['service', 'kind', 'remote'], where: { kind: 'client' } })
      expect(data).toEqual(expect.arrayContaining([
        expect.objectContaining({ service: 'gateway', remote: 'orders', remoteKind: 'service', requests: 1, failed: 0 }),
        expect.objectContaining({ service: 'gateway', remote: 'bank.example', remoteKind: 'address', requests: 1, failed: 1 }),
      ]))
    })

    it('flags quantiles beyond the last bound', async () => {
      const slow = Array.from({ length: 20 }, (_, i) => request({ trace: i, id: i, route: '/slow', to: 12_000 }))
      const { data, warnings } = await (await holdingBy({ histograms: 'classic' })(slow)).requests({ window, groupBy: ['service'] })
      expect(data).toMatchObject([{ requests: 20, p50: 10_000_000, p99: 10_000_000 }])
      expect(warnings).toEqual([{ source: 'prometheus', code: 'beyond_last_bound', params: { seconds: 10 } }])
    })

    it('finds consumers that only spans inside a request name', async () => {
      const inner = (id: number, consumer: string) => [
        request({ trace: id, id: 2 * id, route: '/pay', method: 'POST', to: 100 }),
        span({ trace: id, id: 2 * id + 1, parent: 2 * id, name: 'openapi.process.request', to: 90, attributes: { 'api.client.id': consumer } }),
      ]
      const source = await holdingBy({ histograms: 'classic' })([...inner(1, 'acme'), ...inner(2, 'acme'), ...inner(3, 'globex'), request({ trace: 4, id: 99, route: '/pay', method: 'POST', to: 100 })])
      const { data } = await source.requests({ window, groupBy: ['consumer'] })
      expect(Object.fromEntries(data.map(row => [row.consumer, row.requests]))).toEqual({ acme: 2, globex: 1, unknown: 1 })
    })

    it('counts on through a restart', async () => {
      const source = await holdingBy({ histograms: 'classic', senders: ['http'], restartsAt: new Date(start / 1000 + 60_000) })([...calls(30), ...calls(6, 12_000)])
      const { data } = await source.requests({ window: { ...window, from: new Date(start / 1000 + 30_000) }, groupBy: ['service'] })
      expect(data).toMatchObject([{ spans: 6 }])
    })

    it('reads one environment of several', async () => {
      const first = await holdingBy({ histograms: 'classic' })(calls(4))
      const second = await holdingBy({ histograms: 'classic' })(calls(7))
      for (const [source, requests] of [[first, 4], [second, 7]] as const) expect((await source.requests({ window, groupBy: [] })).data).toMatchObject([{ requests }])
    })
  })

  it('says what it found', async () => {
    const source = await holding('classic')([])
    expect(await source.check()).toMatchObject({ state: 'idle', found: expect.arrayContaining([{ code: 'no_requests' }]) as unknown })
  })
})
