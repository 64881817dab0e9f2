import { expect } from '@playwright/test'
import { afterAll, beforeAll, it, onTestFinished } from 'vitest'
import { fileURLToPath } from 'node:url'
import { MINUTE } from '#shared/units'
import { describeWithOurs, outage } from './support/backends.ts'
import { browse, gaveUp, reading, setUpElasticsearch, startConnected } from './support/connected-platform.ts'

const alsoToApp = fileURLToPath(new URL('../../deploy/collector/also-to-app.yaml', import.meta.url))

describeWithOurs('one signal read from its backend, the others kept in the app', () => {
  let elasticsearch: ReturnType<typeof setUpElasticsearch>
  beforeAll(() => {
    elasticsearch = setUpElasticsearch()
  })
  afterAll(async () => {
    await elasticsearch?.remove()
    await outage.begin('collector')
    await outage.end('collector')
  })

  it.each([
    ['zipkin', /Metrics\s*own store.*Traces\s*Zipkin.*Logs\s*own store/],
    ['prometheus', /Metrics\s*Prometheus.*Traces\s*own store.*Logs\s*own store/],
    ['elasticsearch', /Metrics\s*own store.*Traces\s*own store.*Logs\s*Elasticsearch/],
  ] as const)('%s alone: the board, and from a failed call to its log line', async (backend, sources) => {
    await outage.begin('collector')
    const connected = await startConnected({
      env: reading(backend),
      receiver: ({ url, ingestKey }) => outage.end('collector', { args: [`--config=${alsoToApp}`], env: { APP_OTLP_URL: url, APP_INGEST_KEY: ingestKey } }),
    })
    onTestFinished(() => connected.stop())
    const { page, close } = await browse(connected)
    onTestFinished(close)

    await page.goto('/')
    await expect(page.getByRole('main')).toContainText(sources)
    for (const service of ['api-gateway', 'business-service']) await expect(page.getByRole('row').filter({ hasText: service })).toContainText('Healthy', { timeout: 120_000 })

    // From now on: Zipkin is shared, and holds failed calls of tests before this one, whose lines went elsewhere.
    const window = new URLSearchParams({ from: new Date().toISOString(), to: new Date(Date.now() + 5 * MINUTE).toISOString() })
    await connected.platform.setFault('external-timeout')
    const failed = page.getByRole('table', { name: 'Traces' }).locator('tbody tr').filter({ hasText: '502' }).first()
    await expect(async () => {
      await page.goto(`/traces?service=api-gateway&failed=true&${window}`)
      await expect(failed).toBeVisible({ timeout: 3_000 })
    }).toPass({ timeout: 60_000 })
    await failed.getByRole('link').first().click()
    await expect(page.getByRole('main')).toContainText(gaveUp, { timeout: 30_000 })
    await expect(page.getByRole('main')).toContainText('external call failed: TimeoutError', { timeout: 20_000 })
  }, 300_000)
})
