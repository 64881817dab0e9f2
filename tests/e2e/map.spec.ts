import { traceRequest } from '../support/otlp/build.ts'
import { hex, processCall, report, type Call } from './support/platform.ts'
import { expect, hydrated, test } from './support/test.ts'

let slow: Call

test.beforeAll(async () => {
  const now = Date.now()
  slow = processCall({ at: now - 30_000, hangs: true })
  // Calls of a database, which belongs into the box of who calls it.
  const reads = Array.from({ length: 30 }, (_, i) => traceRequest({ service: 'business-service' }, [{ traceId: hex(32), spanId: hex(16), name: 'SELECT orders', kind: 3, from: i, to: i + 4, attributes: { 'db.system.name': 'mysql', 'db.namespace': 'orders' } }], now - 50_000).resourceSpans).flat()
  await report([slow, { spans: reads, logs: [] }, ...Array.from({ length: 40 }, (_, i) => processCall({ at: now - 55_000 + i * 1_200, hangs: i % 3 === 0 }))])
})

test.beforeEach(({ signedInAs }) => signedInAs('operator'))

const box = (name: string) => `.map-box:has(.name:text-is("${name}"))`

test('services stand from left to right, databases inside who calls them, and a link tells what its caller measured', async ({ page }) => {
  await page.goto('/map?range=15m')
  await hydrated(page)
  const left = async (name: string) => (await page.locator(box(name)).boundingBox())!.x
  expect(await left('api-gateway')).toBeLessThan(await left('business-service'))
  expect(await left('business-service')).toBeLessThan(await left('external-api'))
  await expect(page.locator(box('business-service')).getByText('mysql')).toBeVisible()

  await page.getByRole('link', { name: /^business-service to external-api: .*%.*/ }).click()
  const panel = page.getByRole('complementary', { name: 'Chosen link' })
  await expect(panel.getByRole('heading', { name: 'business-service external-api' })).toBeVisible()
  await expect(panel.getByText(/^\d+ of \d+$/)).toBeVisible()
  await expect(panel.getByRole('heading', { name: /^Endpoints through this link \d+ traces/ })).toBeVisible()
  await expect(panel).toContainText(/\d+ of \d+ failed|began with requests that are not registered/)
  await panel.getByRole('link', { name: 'Traces through here' }).click()
  await expect(page).toHaveURL(/\/traces\?.*service=business-service&operation=external\.api\.call/)
})

test('arrow keys walk along the links', async ({ page }) => {
  // Services of its own: what others call stands nearer or farther as the tests before this one left it.
  const [caller, callee, traceId, call] = [`walker-${hex(6)}`, `walked-${hex(6)}`, hex(32), hex(16)]
  const at = Date.now() - 30_000
  await report([{
    spans: [
      ...traceRequest({ service: caller }, [{ traceId, spanId: call, name: 'POST', kind: 3, from: 0, to: 40, attributes: { 'server.address': callee } }], at).resourceSpans,
      ...traceRequest({ service: callee }, [{ traceId, spanId: hex(16), parentSpanId: call, name: 'POST /walk', kind: 2, from: 5, to: 35 }], at).resourceSpans,
    ],
    logs: [],
  }])
  await page.goto('/map?range=15m')
  await hydrated(page)
  const link = (name: string) => page.getByRole('link', { name, exact: true })
  await link(caller).focus()
  await page.keyboard.press('ArrowRight')
  await expect(link(callee)).toBeFocused()
  await page.keyboard.press('ArrowLeft')
  await expect(link(caller)).toBeFocused()
})

test('queues that the same services use are one box, which opens', async ({ page }) => {
  const [writer, orders, mails] = [`writer-${hex(6)}`, `orders-${hex(6)}`, `mails-${hex(6)}`]
  const sends = [orders, mails].flatMap(queue => traceRequest({ service: writer }, [{
    traceId: hex(32), spanId: hex(16), name: `send ${queue}`, kind: 4, from: 0, to: 5, attributes: { 'messaging.system': 'rabbitmq', 'messaging.destination.name': queue },
  }], Date.now() - 30_000).resourceSpans)
  await report([{ spans: sends, logs: [] }])
  await page.goto(`/map?range=15m&focus=${writer}`)
  await hydrated(page)
  await page.getByRole('link', { name: 'Open: 2 queues' }).click()
  const panel = page.getByRole('complementary', { name: 'Queues' })
  await expect(panel).toContainText(`written by ${writer}`)
  await expect(panel.getByRole('link', { name: mails })).toBeVisible()
  await panel.getByRole('link', { name: orders }).click()
  const link = page.getByRole('complementary', { name: 'Chosen link' })
  await expect(link).toContainText(orders)
  await link.getByRole('link', { name: 'Close' }).click()
  await expect(panel).toBeVisible()
})

test('the columns fit a screen before anybody asks for it', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.goto('/map?range=15m')
  await hydrated(page)
  const frame = page.locator('.map-frame')
  const isDense = await frame.locator('.map-box.dense').count() > 0
  test.skip(isDense, 'so many services of other tests that only their names are drawn')
  await expect.poll(() => frame.evaluate(element => element.scrollWidth - element.clientWidth)).toBeLessThanOrEqual(0)
})

test('one service is shown with its neighbours, and what is bad alone', async ({ page }) => {
  await page.goto('/map?range=15m')
  await hydrated(page)
  await page.getByRole('textbox', { name: 'Find a service' }).or(page.getByRole('combobox', { name: 'Find a service' })).fill('external-api')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/focus=external-api/)
  await expect(page.locator(box('external-api'))).toBeVisible()
  await expect(page.locator(box('api-gateway'))).toHaveCount(0)
  await page.getByRole('link', { name: 'Only external-api and its neighbours', exact: true }).click()
  await page.getByRole('link', { name: 'Only what is bad' }).click()
  await expect(page.locator(box('external-api'))).toBeVisible()
})

test('the same stands in rows, worst first', async ({ page }) => {
  await page.goto('/map?range=15m')
  await page.getByRole('link', { name: 'Table' }).click()
  const rows = page.locator('.map-table tbody tr')
  await expect(rows.filter({ hasText: 'business-service' }).filter({ hasText: 'external-api' })).toContainText('%')
  await expect(page.locator('.map-frame')).toHaveCount(0)
})

test('without a script the picture, its figures and a chosen link are there', async ({ browser, baseURL, context }) => {
  const plain = await browser.newContext({ baseURL, javaScriptEnabled: false, storageState: await context.storageState(), locale: 'en-US' })
  const page = await plain.newPage()
  await page.goto('/map?range=15m')
  await page.getByRole('link', { name: /^business-service to external-api/ }).click()
  await expect(page.getByRole('complementary', { name: 'Chosen link' })).toBeVisible()
  await expect(page.locator('path.map-line').first()).toBeAttached()
  await plain.close()
})

test('a trace has a map of its own', async ({ page }) => {
  await page.goto(`/traces/${slow.traceId}`)
  await page.getByRole('link', { name: 'Map', exact: true }).click()
  const map = page.getByRole('region', { name: 'Map of this trace' })
  await expect(map).toBeVisible()
  await expect(map.getByRole('listitem').filter({ hasText: /^business-service to external-api: 1 call, 1 failed/ })).toBeAttached()
})
