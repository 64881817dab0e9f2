import { describe, expect, it, onTestFinished } from 'vitest'
import { createSystemClock } from '#server/clock'
import { inRounds } from '#server/rounds'
import { createPrometheusMetricSource, prometheusProbe } from '#server/telemetry/prometheus/metric-source'
import { createUpstream } from '#server/telemetry/upstream/upstream'
import { startFaultServer } from '../../../../support/fault-server'
import type { RecordedPrometheus } from '../../../../support/recorded-prometheus'
import { createRecordedSource, matrix, vector } from '../../../../support/recorded-prometheus'

const to = new Date('2026-11-23T06:00:00Z')
const window = { from: new Date('2026-11-23T05:55:00Z'), to }
const name = 'http_server_request_duration_seconds'
const labels = ['job', 'instance', 'http_route', 'http_request_method', 'http_response_status_code', 'le']
const classic: RecordedPrometheus['metrics'] = { [`${name}_bucket`]: { labels, bounds: ['0.1', '1.0', '10.0', '+Inf'] }, [`${name}_count`]: { labels }, [`${name}_sum`]: { labels } }
const orders = { job: 'shop/Orders', http_route: '/orders/{id}', http_request_method: 'GET' }

/** The metric that a query is about. */
const metricOf = (query: string) => /increase\(([\w:]+)/.exec(query)?.[1] ?? ''

/** One service with this many calls at 1 s, and what else is asked. */
const answering = (more: (query: string) => object | undefined) => (query: string) => more(query)
  ?? (metricOf(query).endsWith('_bucket') ? vector([{ ...orders, le: '1.0' }, '40'], [{ ...orders, le: '0.1' }, '0'], [{ ...orders, le: '+Inf' }, '40']) : metricOf(query).endsWith('_sum') ? vector([orders, '30']) : metricOf(query).endsWith('_count') ? vector([{ ...orders, http_response_status_code: '200' }, '38'], [{ ...orders, http_response_status_code: '404' }, '2']) : undefined)

/** What a check asks first. */
const timeOf = (query: string) => (query === 'time()' ? { resultType: 'scalar', result: [1, '1'] } : undefined)

describe('what backends answer', () => {
  it('compares bounds as numbers, and asks once for each figure', async () => {
    const { source, asked } = await createRecordedSource({ metrics: classic, answer: answering(() => undefined) })
    const { data, warnings } = await source.requests({ window, groupBy: ['service', 'method', 'routeKey'] })
    expect(data).toEqual([{ service: 'orders', method: 'GET', routeKey: '/orders/{}', spans: 40, requests: 40, failed: 0, clientErrors: 2, duration: 30_000_000, p50: 550_000, p95: 955_000, p99: 991_000 }])
    expect(warnings).toEqual([])
    expect(asked.filter(query => query.includes('increase('))).toHaveLength(3)
  })

  it('puts routes that say the same into one row, and those that say nothing into another', async () => {
    const counts = vector(...['/orders/{id}', '/orders/:id', '/**', ''].map(http_route => [{ ...orders, http_route, http_response_status_code: '200' }, '5'] as [Record<string, string>, string]))
    const { source } = await createRecordedSource({ metrics: classic, answer: query => (metricOf(query).endsWith('_count') ? counts : undefined) })
    const { data } = await source.requests({ window, groupBy: ['routeKey'], countsOnly: true })
    expect(data.map(({ routeKey, requests }) => [routeKey, requests])).toEqual([['/orders/{}', 10], ['(no route)', 10]])
  })

  it('asks for nothing but the series that the installation calls its own', async () => {
    const { source, asked } = await createRecordedSource({ metrics: classic, answer: answering(() => undefined) }, { only: [{ label: 'environment', operator: '=', value: 'prod' }, { label: 'cluster', operator: '!~', value: 'test-.*' }] })
    await source.requests({ window, groupBy: ['service'] })
    await source.operations({ window, groupBy: ['service', 'remote'] })
    await source.services()
    await source.check()
    const reading = asked.filter(query => query.includes(name))
    expect(reading.length).toBeGreaterThan(5)
    for (const query of reading) {
      const selected = query.match(/\{[^}]*\}/g) ?? []
      expect(selected, query).not.toEqual([])
      for (const selector of selected) expect(selector, query).toContain('environment="prod",cluster!~"test-.*"')
    }
  })

  it('takes NaN for nothing, and steps without calls for none', async () => {
    const at = window.from.getTime() / 1000 + 60
    const { source } = await createRecordedSource({ metrics: classic, answer: (query, range) => {
      if (!range) return undefined
      if (query.includes('histogram_quantile')) return matrix([orders, [[at, 'NaN'], [at + 60, '0.5']]])
      return metricOf(query).endsWith('_count') ? matrix([{ ...orders, http_response_status_code: '500' }, [[at, '4'], [at + 60, '0']]]) : undefined
    } })
    const { data } = await source.requests({ window, groupBy: ['service'], step: 60_000 })
    expect(data).toEqual([{ service: 'orders', at: window.from, spans: 4, requests: 4, failed: 4, clientErrors: 0, duration: 0, p50: undefined, p95: undefined, p99: undefined }])
  })

  it('counts nothing infinite: what one sender recorded without end leaves the figures of the others', async () => {
    const { source } = await createRecordedSource({ metrics: classic, answer: answering((query) => {
      if (metricOf(query).endsWith('_sum')) return vector([orders, '+Inf'])
      if (metricOf(query).endsWith('_bucket')) return vector([{ ...orders, le: '1.0' }, '40'], [{ ...orders, le: '0.1' }, '-Inf'], [{ ...orders, le: '+Inf' }, '+Inf'])
      return undefined
    }) })
    const { data: [row] } = await source.requests({ window, groupBy: ['service'] })
    expect(row).toMatchObject({ requests: 40, clientErrors: 2, duration: 0 })
    for (const value of Object.values(row!)) if (typeof value === 'number') expect(value).toSatisfy(Number.isFinite)
  })

  it('passes on what the backend remarks, once', async () => {
    const remarked = { status: 'success', data: { resultType: 'vector', result: [] }, warnings: ['1 store did not answer'], infos: ['PromQL info: metric might not be a counter'] }
    const { source } = await createRecordedSource({ metrics: classic, answer: query => (query.includes('increase(') ? remarked : undefined) })
    const { warnings } = await source.requests({ window, groupBy: ['service'] })
    expect(warnings).toEqual([{ source: 'prometheus', code: 'said', params: { text: '1 store did not answer' } }, { source: 'prometheus', code: 'noted', params: { text: 'PromQL info: metric might not be a counter' } }])
  })

  it('is trouble of the source when its own query is refused', async () => {
    const { source } = await createRecordedSource({ metrics: classic, answer: query => (query.includes('increase(') ? { status: 'error', errorType: 'execution', error: 'query processing would load too many samples' } : undefined) })
    await expect(source.requests({ window, groupBy: ['service'] })).rejects.toMatchObject({ code: 'source.unavailable', params: { reason: 'rejected', said: 'query processing would load too many samples' } })
  })

  it('flags what lies beyond the last bound in steps as well', async () => {
    const at = window.from.getTime() / 1000 + 60
    const { source } = await createRecordedSource({ metrics: classic, answer: query => (query.includes('histogram_quantile') ? matrix([orders, [[at, '10']]]) : metricOf(query).endsWith('_count') ? matrix([{ ...orders, http_response_status_code: '200' }, [[at, '4']]]) : undefined) })
    const { data, warnings } = await source.requests({ window, groupBy: ['service'], step: 60_000 })
    expect(data[0]!.p99).toBe(10_000_000)
    expect(warnings).toEqual([{ source: 'prometheus', code: 'beyond_last_bound', params: { seconds: 10 } }])
  })

  it('averages over as long as counters take to move', async () => {
    const { source, asked } = await createRecordedSource({ metrics: classic, answer: query => (query.startsWith('max(timestamp(') ? vector([{}, '1795392000']) : query.includes('[2m]') ? vector([{}, '1']) : query.includes('[10m]') ? vector([{}, '5']) : answering(() => undefined)(query)) })
    const { data, warnings } = await source.requests({ window: { from: new Date(to.getTime() - 60_000), to }, groupBy: ['service'], countsOnly: true })
    expect(asked.at(-1)).toContain('[120s]')
    expect(data).toMatchObject([{ requests: 20 }])
    expect(warnings).toEqual([{ source: 'prometheus', code: 'smoothed', params: { seconds: 120 } }])
  })

  it('never asks for a process apart, and knows the labels that a scrape moved aside', async () => {
    const moved = ['exported_job', 'exported_instance', ...labels]
    const { source, asked } = await createRecordedSource({ metrics: { [`${name}_count`]: { labels: moved }, [`${name}_bucket`]: { labels: moved }, [`${name}_sum`]: { labels: moved } }, answer: query => (query === 'time()' ? { resultType: 'scalar', result: [1, '1'] } : metricOf(query).endsWith('_count') ? vector([{ exported_job: 'shop/Orders', http_response_status_code: '200' }, '3']) : undefined) })
    const { data } = await source.requests({ window, groupBy: ['service'], where: { service: 'Orders' } })
    expect(data).toMatchObject([{ service: 'orders', requests: 3 }])
    expect(asked.filter(query => query.includes('increase(')).every(query => /^sum by \((exported_job|http_response_status_code|le|,)+\)/.test(query) && query.includes('on (exported_job,exported_instance)') && query.includes('exported_job=~"(?i)(.*/)?Orders"'))).toBe(true)
    expect((await source.check()).found).toContainEqual({ code: 'labels_moved' })
  })

  it.each([
    ['where created timestamps are off and a process is new', '', '2', [{ source: 'prometheus', code: 'at_least', params: { senders: 2 } }]],
    ['not where no process is new', '', undefined, []],
    ['not where created timestamps are on', 'exemplar-storage,created-timestamp-zero-ingestion', '2', []],
  ])('says "at least" %s', async (_, features, count, expected) => {
    const { source } = await createRecordedSource({ metrics: classic, flags: { 'enable-feature': features }, answer: query => (query.startsWith('count(group') ? (count ? vector([{}, count]) : undefined) : answering(() => undefined)(query)) })
    expect((await source.requests({ window, groupBy: ['service'] })).warnings).toEqual(expected)
  })

  it('wants all or nothing for rounds of our own, and what there is for people', async () => {
    const asked: (string | null)[] = []
    const { source } = await createRecordedSource({ metrics: classic, answer: (query, _, form) => {
      if (query.includes('increase(')) asked.push(form.get('partial_response'))
      return answering(timeOf)(query)
    } })
    await source.requests({ window, groupBy: ['service'] })
    expect(new Set(asked.splice(0))).toEqual(new Set([null]))
    await inRounds(() => source.requests({ window, groupBy: ['service'] }))
    expect(new Set(asked)).toEqual(new Set(['false']))
  })

  it('takes flags of Thanos for its own, not for those of a Prometheus behind it', async () => {
    const { source } = await createRecordedSource({ metrics: classic, build: { version: '0.42.5', goVersion: 'go1.26' }, flags: { 'enable-feature': '' }, answer: query => (query.startsWith('count(group') ? vector([{}, '2']) : answering(timeOf)(query)) })
    expect((await source.requests({ window, groupBy: ['service'] })).warnings).toEqual([])
    expect((await source.check()).found).not.toContainEqual({ code: 'no_created_timestamps' })
  })

  it('counts for one that says who it is as plain text, as Cortex does', async () => {
    const { source } = await createRecordedSource({ metrics: classic, buildType: 'text/plain; charset=utf-8', flags: null, answer: answering(timeOf) })
    expect((await source.requests({ window, groupBy: ['service'] })).data).toMatchObject([{ requests: 40 }])
    expect((await source.check()).state).not.toBe('failed')
  })

  it.each([
    [{ version: '3.16.0', goVersion: 'go1.26' }, { code: 'product_prometheus' }, '3.16.0'],
    [{ version: '0.39.2', goVersion: 'go1.24' }, { code: 'product_thanos' }, '0.39.2'],
    [{ version: '2.16.0', application: 'Grafana Mimir', goVersion: 'go1.24' }, { code: 'product_mimir' }, '2.16.0'],
    [{ version: '2.24.0' }, { code: 'product_victoriametrics' }, undefined],
  ])('knows %j as %j', async (build, product, version) => {
    const { source } = await createRecordedSource({ metrics: {}, build, flags: null, answer: query => (query === 'time()' ? { resultType: 'scalar', result: [1, '1'] } : undefined) })
    const health = await source.check()
    expect(health).toMatchObject({ state: 'idle', found: expect.arrayContaining([product, { code: 'no_requests' }]) as unknown })
    expect(health.version).toBe(version)
  })

  it('says what it cannot: routes, 4xx and consumers that no label tells', async () => {
    const spans = 'traces_span_metrics_calls_total'
    const { source } = await createRecordedSource({ metrics: { [spans]: { labels: ['service_name', 'span_kind', 'status_code'] } }, answer: query => (query.includes('increase(') ? vector([{ service_name: 'Orders', status_code: 'STATUS_CODE_ERROR' }, '2'], [{ service_name: 'Orders', status_code: 'STATUS_CODE_UNSET' }, '8']) : undefined) })
    const { data, warnings } = await source.requests({ window, groupBy: ['service', 'routeKey', 'consumer'] })
    expect(data).toMatchObject([{ service: 'orders', routeKey: '(no route)', consumer: 'unknown', requests: 10, failed: 2 }])
    expect(warnings.map(({ code }) => code)).toEqual(['no_routes', 'no_client_errors', 'no_durations', 'no_consumers'])
  })

  it('reads routes from the names of spans where no label has them', async () => {
    const spans = 'traces_span_metrics_calls_total'
    const { source } = await createRecordedSource({ metrics: { [spans]: { labels: ['service_name', 'span_name', 'span_kind', 'status_code'] } }, answer: query => (query.includes('increase(') ? vector([{ service_name: 'a', span_name: 'GET /orders/{id}', span_kind: 'SPAN_KIND_SERVER' }, '2'], [{ service_name: 'a', span_name: 'POST /pay/17', span_kind: 'SPAN_KIND_SERVER' }, '1'], [{ service_name: 'a', span_name: 'orders process', span_kind: 'SPAN_KIND_CONSUMER' }, '4']) : undefined) })
    const { data } = await source.requests({ window, groupBy: ['method', 'routeKey'], countsOnly: true })
    expect(data.map(({ method, routeKey, requests }) => [method, routeKey, requests])).toEqual([['GET', '/orders/{}', 2], ['POST', '/pay/{}', 1], ['', '(no route)', 4]])
  })

  it('draws edges from a service graph where there is one', async () => {
    const graph = 'traces_service_graph_request'
    const held = { labels: ['client', 'server', 'connection_type'] }
    const { source } = await createRecordedSource({ metrics: { ...classic, [`${graph}_total`]: held, [`${graph}_failed_total`]: held }, answer: query => (metricOf(query).endsWith('_failed_total') ? vector([{ client: 'Gateway', server: 'Orders' }, '3']) : metricOf(query) === `${graph}_total` ? vector([{ client: 'Gateway', server: 'Orders' }, '10'], [{ client: 'Orders', server: 'pg', connection_type: 'database' }, '5']) : undefined) })
    const { data } = await source.operations({ window, groupBy: ['service', 'kind', 'remote'], where: { kind: 'client' } })
    expect(data).toMatchObject([{ service: 'gateway', remote: 'orders', remoteKind: 'service', requests: 10, failed: 3 }, { service: 'orders', remote: 'pg', remoteKind: 'database', requests: 5, failed: 0 }])
  })

  it('draws edges from HTTP clients by address, and beside them from spans that name a database or a queue', async () => {
    const [client, spans] = ['http_client_request_duration_seconds', 'traces_span_metrics_calls_total']
    const held = { labels: ['job', 'instance', 'http_request_method', 'server_address'] }
    const counted = { [`${client}_count`]: vector([{ job: 'shop/Gateway', server_address: 'orders' }, '10']), [spans]: vector(
      [{ service_name: 'Orders', span_kind: 'SPAN_KIND_CLIENT', db_system_name: 'mysql', db_namespace: 'shop' }, '7'], [{ service_name: 'Orders', span_kind: 'SPAN_KIND_PRODUCER', messaging_destination_name: 'order.created' }, '4'],
      [{ service_name: 'Gateway', span_kind: 'SPAN_KIND_CLIENT' }, '10'], [{ service_name: 'Orders', span_kind: 'SPAN_KIND_SERVER' }, '10'],
    ) }
    const { source } = await createRecordedSource({
      metrics: { [`${client}_count`]: held, [`${client}_bucket`]: held, [spans]: { labels: ['service_name', 'span_name', 'span_kind', 'status_code', 'db_system_name', 'db_namespace', 'messaging_destination_name'] } },
      answer: query => counted[metricOf(query)],
    })
    const { data, warnings } = await source.operations({ window, groupBy: ['service', 'kind', 'remote'] })
    expect(data.map(({ service, kind, remote, remoteKind, requests }) => [service, kind, remote, remoteKind, requests])).toEqual([
      ['gateway', 'client', 'orders', 'address', 10], ['orders', 'client', 'mysql/shop', 'database', 7], ['orders', 'producer', 'order.created', 'messaging', 4],
    ])
    expect(warnings).toEqual([])
    // Who asks for everything that services do wants what calls nobody, too.
    expect((await source.operations({ window, groupBy: ['service', 'operation', 'remote'] })).data.map(({ remote, requests }) => [remote, requests])).toEqual([['mysql/shop', 7], ['order.created', 4], ['', 10], ['', 10]])
  })

  it('looks for names again when nothing is found', async () => {
    const metrics: RecordedPrometheus['metrics'] = {}
    let now = new Date('2026-11-23T06:00:00Z')
    const clock = { now: () => now, monotonic: () => now.getTime(), at: () => () => {}, every: () => () => {} }
    const { source } = await createRecordedSource({ metrics, answer: answering(() => undefined) }, { clock })
    expect(await source.requests({ window, groupBy: ['service'] })).toMatchObject({ data: [], warnings: [{ code: 'no_requests' }] })
    Object.assign(metrics, classic)
    now = new Date(now.getTime() + 31_000)
    expect((await source.requests({ window, groupBy: ['service'] })).data).toHaveLength(1)
  })

  it('does not call one empty that was empty and went away', async () => {
    let away = false
    const server = await startFaultServer(({ url }, response) => {
      const data = /buildinfo|flags/.test(url!) ? {} : url!.includes('/label/') ? [] : { resultType: 'vector', result: [] }
      response.writeHead(away ? 503 : 200, { 'content-type': 'application/json' }).end(JSON.stringify({ status: 'success', data }))
    })
    let now = new Date('2026-11-23T06:00:00Z')
    const clock = { ...createSystemClock(), now: () => now }
    const upstream = createUpstream({ source: 'prometheus', url: server.url, clock, probe: prometheusProbe })
    onTestFinished(() => upstream.close())
    const source = createPrometheusMetricSource({ upstream, clock, consumerAttributes: [] })
    expect(await source.requests({ window, groupBy: ['service'] })).toMatchObject({ data: [], warnings: [{ code: 'no_requests' }] })
    away = true
    now = new Date(now.getTime() + 31_000)
    await expect(source.requests({ window, groupBy: ['service'] })).rejects.toMatchObject({ code: 'source.unavailable' })
  })

  it.each<[string, object, string]>([
    ['refuses to say what time it is', { status: 400 }, 'wrong_product'],
    ['says something else', { status: 200, body: { name: 'something', status: 'ok' } }, 'wrong_product'],
    ['knows no such path', { status: 404 }, 'not_found'],
    ['wants to know who we are', { status: 401 }, 'unauthorised'],
  ])('says that what stands at its address %s', async (_, { status, body = {} }: { status?: number, body?: object }, reason) => {
    const server = await startFaultServer((_, response) => response.writeHead(status!, { 'content-type': 'application/json' }).end(JSON.stringify(body)))
    const clock = createSystemClock()
    const upstream = createUpstream({ source: 'prometheus', url: server.url, clock, probe: prometheusProbe })
    onTestFinished(() => upstream.close())
    expect(await createPrometheusMetricSource({ upstream, clock, consumerAttributes: [] }).check()).toMatchObject({ state: 'failed', trouble: { source: 'prometheus', reason } })
  })
})
