import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, vi } from 'vitest'
import { parse } from 'yaml'
import { ports } from '../launch/backends.ts'
import { homeOf } from '../launch/install.ts'
import { run } from '../launch/tools.ts'
import { describeWithOurs, urlOf } from '../support/backends.ts'
import { spanId, traceId, traceRequest, type SentSpan } from '../../support/otlp/build.ts'

const file = fileURLToPath(new URL('../../../deploy/collector/collector.yaml', import.meta.url))
const collector = (...args: string[]) => run(join(homeOf('collector'), 'collector'), args)

let traces = 0
/** A trace of its own through the Collector; resolves with what Zipkin has of it. */
async function through(...spans: Partial<SentSpan>[]): Promise<ZipkinSpan[]> {
  const id = traceId(`c0ffee${(Date.now() % 1e9 * 100 + ++traces).toString(16).padStart(26, '0')}`)
  const body = JSON.stringify(traceRequest({ service: 'Collected', resource: { 'process.command_args': ['java', '-Dpassword=hunter2'], 'service.instance.id': 'i-1' } }, spans.map((span, i) => ({ ...span, traceId: id, spanId: spanId(i + 1) })), Date.now()))
  const answer = await fetch(`${urlOf('collector')}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  expect(answer.status).toBe(200)
  return await vi.waitFor(async () => {
    const response = await fetch(`${urlOf('zipkin')}/api/v2/trace/${id}`)
    if (!response.ok) throw new Error(`Zipkin answered ${response.status}`)
    return await response.json() as ZipkinSpan[]
  }, { timeout: 20_000, interval: 250 })
}
interface ZipkinSpan { id: string, name: string, duration?: number, tags?: Record<string, string> }

describeWithOurs('the configuration of the Collector', () => {
  it('is one that the Collector takes', () => {
    collector('validate', `--config=${file}`)
  })

  it('uses every component of our build and no other, so that this build speaks for it', () => {
    const config = parse(readFileSync(file, 'utf8')) as Record<string, Record<string, unknown>>
    const built = parse(collector('components')) as Record<string, { name: string }[]>
    for (const kind of ['extensions', 'receivers', 'processors', 'connectors', 'exporters']) {
      const used = new Set(Object.keys(config[kind]!).map(name => name.split('/')[0]))
      expect([...used].sort(), kind).toEqual(built[kind]!.map(({ name }) => name).sort())
    }
  })

  it('is started by compose with everything it reads from the environment', () => {
    const read = [...readFileSync(file, 'utf8').matchAll(/\$\{env:(\w+):-/g)].map(match => match[1]!)
    expect(readFileSync(file, 'utf8').match(/\$\{env:\w+\}/g), 'every variable has a default').toBeNull()
    expect(read.length).toBeGreaterThan(10)
  })
})

describeWithOurs('what goes through the Collector', () => {
  it('is not lost for a span that ends before it starts', async () => {
    const spans = await through({ name: 'good', from: 0, to: 10 }, { name: 'backwards', from: 20, to: 5 })
    expect(spans.map(({ name, duration }) => [name, duration]).toSorted()).toEqual([['backwards', undefined], ['good', 10_000]])
  })

  it('carries no command line', async () => {
    const [span] = await through({ name: 'secretive' })
    expect(JSON.stringify(span)).not.toContain('hunter2')
    expect(span!.tags).toMatchObject({ 'deployment.environment.name': 'production', 'cluster': 'openapi-cluster' })
  })

  it.each<[string, SentSpan['attributes']]>([
    ['a list, as the Java agent sends it', { 'http.request.header.x-client-id': ['partner-shop'] }],
    ['a text', { 'http.request.header.x-client-id': 'partner-shop' }],
  ])('names the partner on the server span from the captured header: %s', async (_, attributes) => {
    const [span] = await through({ kind: 2, attributes })
    expect(span!.tags).toMatchObject({ 'api.client.id': 'partner-shop' })
  })

  it('keeps the partner that the service named itself', async () => {
    const [span] = await through({ kind: 2, attributes: { 'api.client.id': 'partner-erp', 'http.request.header.x-client-id': 'somebody' } })
    expect(span!.tags).toMatchObject({ 'api.client.id': 'partner-erp' })
  })

  it('has the names of today where a sender uses those of before', async () => {
    const [span] = await through({ kind: 2, attributes: { 'http.method': 'POST', 'http.status_code': 503 } })
    expect(span!.tags).toMatchObject({ 'http.request.method': 'POST', 'http.response.status_code': '503' })
  })

  it.each([
    ['a database', { 'db.system': 'mysql', 'db.name': 'shop' }, { 'db.system.name': 'mysql', 'db.namespace': 'shop' }],
    ['a queue', { 'messaging.destination': 'orders' }, { 'messaging.destination.name': 'orders' }],
  ] as const)('names %s as one does today', async (_, attributes, tags) => {
    const [span] = await through({ kind: 3, attributes })
    expect(span!.tags).toMatchObject(tags)
  })

  it('leaves out probes, and nothing that only looks like one', async () => {
    const spans = await through({ name: 'probe', kind: 2, attributes: { 'url.path': '/actuator/health/liveness' } }, { name: 'order', kind: 2, attributes: { 'url.path': '/health-plans' } }, { name: 'call', kind: 3, attributes: { 'url.path': '/health' } })
    expect(spans.map(({ name }) => name).toSorted()).toEqual(['call', 'order'])
  })

  it('is counted by route, status and partner, with an exemplar, in seconds', async () => {
    await through({ kind: 2, from: 0, to: 80, attributes: { 'http.request.method': 'GET', 'http.route': '/counted', 'http.response.status_code': 200, 'api.client.id': 'partner-shop' } })
    const scrape = await vi.waitFor(async () => {
      const response = await fetch(`http://127.0.0.1:${ports.collectorMetrics}/metrics`, { headers: { accept: 'application/openmetrics-text; version=1.0.0' } })
      const text = await response.text()
      if (!text.includes('/counted')) throw new Error('not yet')
      return text.split('\n').filter(line => line.includes('/counted'))
    }, { timeout: 30_000, interval: 500 })
    expect(scrape.find(line => line.startsWith('openapi_traces_span_metrics_calls_total{'))).toMatch(/(?=.*api_client_id="partner-shop")(?=.*http_request_method="GET")(?=.*http_response_status_code="200")(?=.*instance="i-1")(?=.*job="Collected")(?=.*span_kind="SPAN_KIND_SERVER")/)
    expect(scrape.find(line => line.startsWith('openapi_traces_span_metrics_duration_seconds_bucket{') && line.includes('le="0.1"'))).toBeDefined()
    expect(scrape.some(line => line.includes('# {') && line.includes('trace_id='))).toBe(true)
    expect(scrape.join()).not.toContain('otel_scope')
  })
})
