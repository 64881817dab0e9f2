import { expect, type Page } from '@playwright/test'
import { afterAll, beforeAll, it, vi } from 'vitest'
import type { ServiceMap } from '../../shared/schemas/service-map.ts'
import { describeWithOurs, outage, urlOf } from './support/backends.ts'
import { browse, gaveUp, reading, setUpElasticsearch, startConnected } from './support/connected-platform.ts'

/** From the return of a backend until the page shows it; its own round of questions comes every five seconds. */
const healing = { timeout: 12_000 }

describeWithOurs('the whole way, from the demo platform over the Collector to the pages', () => {
  let connected: Awaited<ReturnType<typeof startConnected>>
  let elasticsearch: ReturnType<typeof setUpElasticsearch>
  let browser: Awaited<ReturnType<typeof browse>>
  let page: Page

  beforeAll(async () => {
    elasticsearch = setUpElasticsearch()
    connected = await startConnected({ env: { ...reading('zipkin'), ...reading('prometheus'), ...reading('elasticsearch') } })
    browser = await browse(connected)
    page = browser.page
  })
  afterAll(async () => {
    await browser?.close()
    await connected?.stop()
    await elasticsearch?.remove()
  })

  const main = () => page.getByRole('main')
  const row = (service: string) => page.getByRole('row').filter({ hasText: service })
  const traces = () => page.getByRole('table', { name: 'Traces' }).locator('tbody tr')
  const open = async (path: string) => {
    await page.goto(path)
    await page.waitForFunction(() => (document.querySelector('#__nuxt') as { __vue_app__?: unknown } | null)?.__vue_app__ !== undefined)
  }

  it('puts every service on the board, by the figures of Prometheus', async () => {
    await open('/')
    for (const service of ['api-gateway', 'auth-service', 'business-service', 'external-api', 'notification-worker']) {
      await expect(row(service)).toContainText('Healthy', { timeout: 120_000 })
    }
    await expect(main()).toContainText(/Metrics\s*Prometheus.*Traces\s*Zipkin.*Logs\s*Elasticsearch/)
    // Who carries the data is none of the platform's services.
    await expect(row('collector')).toHaveCount(0)
  }, 180_000)

  it('shows an endpoint with its partners', async () => {
    await open('/endpoints')
    await page.getByRole('link', { name: /\/api\/v1\/process/ }).first().click()
    await expect(page).toHaveURL(/\/endpoints\/[0-9a-f-]{36}/)
    // A platform that has only just started answers slowly, and is judged by five minutes.
    await expect(main()).toContainText('Healthy', { timeout: 180_000 })
    await expect(main()).toContainText('partner-shop', { timeout: 30_000 })
  }, 240_000)

  it('draws the map that the app draws of its own figures: calls, databases and queues, all measured', async () => {
    const measured = { figures: expect.objectContaining({ requests: expect.any(Number) }) }
    await vi.waitFor(async () => {
      const { basis, nodes, edges } = await connected.api.get<ServiceMap>('/api/map?range=5m')
      expect(basis).toBe('calls')
      for (const [from, to] of [['api-gateway', 'auth-service'], ['api-gateway', 'business-service'], ['business-service', 'external-api']]) expect(edges).toContainEqual(expect.objectContaining({ kind: 'call', from: `service:${from}`, to: `service:${to}`, ...measured }))
      const queues = nodes.filter(({ kind }) => kind === 'queue')
      expect(queues.flatMap(({ name, stores }) => [name, ...stores.map(store => store.name)])).toContain('process.completed')
      const written = edges.filter(({ kind, from, figures }) => kind === 'message' && from === 'service:business-service' && figures!.requests > 0).map(({ to }) => to)
      expect(edges.filter(({ kind, from, figures }) => kind === 'message' && written.includes(from) && figures!.requests > 0).map(({ to }) => to)).toContain('service:notification-worker')
      expect(nodes.find(({ id }) => id === 'service:business-service')!.stores).toContainEqual(expect.objectContaining({ name: expect.stringMatching(/^mysql/), ...measured }))
    }, { timeout: 60_000, interval: 2_000 })
  }, 90_000)

  it('leads from the call that hangs to the log lines of its trace', async () => {
    await connected.platform.setFault('external-timeout')
    await open('/traces?service=api-gateway&failed=true')
    const failed = traces().filter({ hasText: '502' }).first()
    await expect(failed).toBeVisible({ timeout: 60_000 })
    await failed.getByRole('link').first().click()
    await expect(page).toHaveURL(/\/traces\/[0-9a-f]{32}/)
    await expect(main()).toContainText(gaveUp, { timeout: 30_000 })
    // Its own error line stands below the span that began it, out of Elasticsearch.
    await expect(main()).toContainText('external call failed: TimeoutError', { timeout: 20_000 })
    await page.getByRole('link', { name: /Logs of this trace/ }).or(page.getByRole('button', { name: /Logs of this trace/ })).first().click()
    await expect(page.getByText('calling external-api, timeout=8000').first()).toBeVisible({ timeout: 20_000 })
    await connected.platform.setFault(undefined)
  }, 180_000)

  it('keeps the board while Prometheus is away, and heals under the open page', async () => {
    await open('/')
    await expect(main()).toContainText('api-gateway')
    await outage.begin('prometheus')
    await expect(main()).toContainText(/Prometheus\s*·\s*does not answer/, { timeout: 20_000 })
    await expect(main()).toContainText('api-gateway')
    const second = await page.context().newPage()
    for (const path of ['/traces', '/logs']) {
      await second.goto(path)
      await expect(second.getByRole('table').locator('tbody tr').first(), path).toBeVisible()
    }
    await second.close()
    await outage.end('prometheus')
    await expect(main()).not.toContainText('does not answer', healing)
    await expect(row('api-gateway')).toContainText(/Healthy|Degraded|Critical/, { timeout: 60_000 })
  }, 180_000)

  it('says that traces are missing while Zipkin is away, and shows new ones when it is back', async () => {
    await outage.begin('zipkin')
    await open('/traces')
    await expect(main()).toContainText('Zipkin')
    await expect(traces()).toHaveCount(0)
    const second = await page.context().newPage()
    await second.goto('/')
    await expect(second.getByRole('row').filter({ hasText: 'api-gateway' })).toContainText(/Healthy|Degraded|Critical/)
    await second.close()
    await outage.end('zipkin')
    await expect(traces().first()).toBeVisible(healing)
    await expect(main()).not.toContainText('could not be answered')
  }, 180_000)

  it('says that lines are missing while Elasticsearch is away, and has none lost when it is back', async () => {
    await open('/logs')
    await expect(page.getByRole('table').locator('tbody tr').first()).toBeVisible()
    const from = new Date()
    await outage.begin('elasticsearch')
    await open('/logs')
    await expect(main()).toContainText('Elasticsearch')
    await new Promise(resolve => setTimeout(resolve, 5_000))
    const to = new Date()
    await outage.end('elasticsearch')
    await expect(page.getByRole('table').locator('tbody tr').first()).toBeVisible(healing)
    await expect(main()).not.toContainText('could not be answered')
    // What was said meanwhile waited in the Collector.
    await vi.waitFor(async () => {
      const answer = await fetch(`${urlOf('elasticsearch')}/openapi-logs-*/_count`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: { range: { '@timestamp': { gte: from.toISOString(), lt: to.toISOString() } } } }) })
      expect((await answer.json() as { count: number }).count).toBeGreaterThan(10)
    }, { timeout: 60_000, interval: 1_000 })
  }, 240_000)

  it('has written no error of its own', () => {
    const said = connected.output().split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line) as { level: string, event: string, route?: string, code?: string, err?: unknown })
    const errors = said.filter(({ level, code }) => level === 'error' && code !== 'source.unavailable')
    expect(errors.map(({ event, route, err }) => ({ event, route, err }))).toEqual([])
  })
})
