import { traceRequest } from '../support/otlp/build.ts'
import { expectAccessible } from './support/accessible.ts'
import { startOwnApp, type OwnApp } from './support/own-app.ts'
import { hex } from './support/platform.ts'
import { expect, hydrated, test } from './support/test.ts'

// So many services on the map of the other tests would leave them nothing but names.
let app: OwnApp
let cookie: string
const services = Array.from({ length: 60 }, (_, i) => `team-${String(i).padStart(2, '0')}`)
const phone = { viewport: { width: 390, height: 844 }, userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1' }

test.beforeAll(async () => {
  app = await startOwnApp()
  cookie = (await app.ask('/api/setup', { method: 'POST', body: { token: app.setupToken, name: 'Ada', email: 'ada@example.com', password: 'lanterns over dark water' } })).setCookie!
  const value = 'the-key-of-a-large-map-with-many-services'
  await app.ask('/api/ingest-keys', { method: 'POST', headers: { cookie }, body: { name: 'large', value, scopes: ['telemetry'] } })
  const resourceSpans = services.flatMap((service) => {
    const [traceId, call] = [hex(32), hex(16)]
    return [
      ...traceRequest({ service: 'api-gateway' }, [{ traceId, spanId: call, name: 'POST', kind: 3, from: 0, to: 40, attributes: { 'server.address': service } }], Date.now() - 30_000).resourceSpans,
      ...traceRequest({ service }, [{ traceId, spanId: hex(16), parentSpanId: call, name: 'POST /work', kind: 2, from: 5, to: 35 }], Date.now() - 30_000).resourceSpans,
    ]
  })
  expect((await app.ask(`${app.otlp}/v1/traces`, { method: 'POST', headers: { authorization: `Bearer ${value}` }, body: { resourceSpans } })).status).toBe(200)
})
test.afterAll(() => app.close())
test.beforeEach(async ({ context }) => {
  const [name, value] = cookie.split('=', 2) as [string, string]
  await context.addCookies([{ name, value, url: app.origin, httpOnly: true, sameSite: 'Strict' }, { name: 'bongsu-language', value: 'en', url: app.origin, sameSite: 'Strict' }])
})

test('a large map begins where requests come in, with one stop for the tab key', async ({ page }) => {
  await page.goto(`${app.origin}/map?range=15m`)
  await hydrated(page)
  await expect(page.locator('.map-box.dense')).toHaveCount(services.length + 1)
  await expect(page.getByRole('link', { name: 'api-gateway', exact: true })).toBeInViewport()
  expect(await page.locator('.map-box a').evaluateAll(links => links.filter(link => (link as HTMLElement).tabIndex >= 0).length)).toBeLessThanOrEqual(3)
  await page.getByRole('combobox', { name: 'Find a service' }).fill('team-59')
  await expect(page.locator('.map-box.lit')).toHaveText(['team-59'])
  await expect(page.locator('.map-box.lit')).toBeInViewport()
  await expectAccessible(page)
})

test('its rows are light, and their headings stay in sight', async ({ page }) => {
  const html = await (await page.goto(`${app.origin}/map?range=15m&view=table`))!.text()
  const rows = html.match(/<tr>.*?<\/tr>/gs)!.filter(row => row.includes('team-'))
  expect(rows.join('').length / rows.length).toBeLessThan(900)
  await page.locator('.map-table tbody tr').last().scrollIntoViewIfNeeded()
  await expect(page.getByRole('link', { name: 'api-gateway', exact: true }).first()).not.toBeInViewport()
  await expect(page.getByRole('columnheader', { name: 'p95' })).toBeInViewport({ ratio: 1 })
})

test.describe('on a phone', () => {
  test.use(phone)

  test('it is rows, and the choice of view says so', async ({ page }) => {
    const response = await page.goto(`${app.origin}/map?range=15m`)
    expect(await response!.text()).not.toContain('map-frame')
    await hydrated(page)
    await expect(page.locator('.map-table tbody tr')).toHaveCount(services.length)
    await expect(page.locator('.map-frame')).toHaveCount(0)
    await expect(page.getByRole('navigation', { name: 'View' }).locator('.bg-elevated')).toHaveText('Table')
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0)
    await page.setViewportSize({ width: 844, height: 390 })
    await expect(page.locator('.map-frame')).toBeVisible()
    await page.setViewportSize(phone.viewport)
    await expect(page.locator('.map-frame')).toHaveCount(0)
    await page.getByRole('link', { name: 'Picture' }).click()
    await expect(page.locator('.map-frame')).toBeVisible()
  })
})
