import { processCall, report } from './support/platform.ts'
import { expect, hydrated, test } from './support/test.ts'

const name = `live-${Date.now()}`
/** A steady minute of one service, up to now. */
const traffic = (count: number) => report(Array.from({ length: count }, (_, i) => processCall({ at: Date.now() - 40_000 + i * 200, service: name })))

test.beforeAll(() => traffic(30))
test.beforeEach(({ signedInAs }) => signedInAs('operator'))

test('the board follows what arrives without being loaded again, holds still while paused, and makes up for it', async ({ page }) => {
  await page.goto('/')
  await hydrated(page)
  const row = page.getByRole('row').filter({ hasText: name })
  await expect(row).toContainText('0 of 30', { timeout: 20_000 })
  await page.evaluate(() => ((window as { kept?: boolean }).kept = true))

  await traffic(25)
  await expect(row).toContainText('0 of 55', { timeout: 20_000 })

  await page.getByRole('button', { name: 'Pause' }).click()
  await traffic(10)
  await page.waitForTimeout(7_000)
  await expect(row).toContainText('0 of 55')
  await page.getByRole('button', { name: 'Resume' }).click()
  await expect(row).toContainText('0 of 65', { timeout: 20_000 })
  expect(await page.evaluate(() => (window as { kept?: boolean }).kept)).toBe(true)
})

test('tabs of one browser share one stream, and the next one takes over when the first is closed', async ({ context, page }) => {
  let streams = 0
  context.on('request', request => void (streams += Number(request.url().includes('/api/stream'))))
  await page.goto('/')
  await hydrated(page)
  await expect.poll(() => streams).toBe(1)

  const second = await context.newPage()
  await second.goto('/')
  await hydrated(second)
  await second.waitForTimeout(1_500)
  expect(streams).toBe(1)

  await page.close()
  await expect.poll(() => streams).toBe(2)
  await traffic(5)
  await expect(second.getByRole('row').filter({ hasText: name })).toContainText(/0 of (?!0)/, { timeout: 20_000 })
})

test('the charts of a passport come to life together, in their place', async ({ page, apiAs }) => {
  const api = await apiAs('admin')
  const { id } = await (await api.post('/api/endpoints', { data: { service: name, method: 'POST', template: '/api/v1/process', lifecycle: 'active' } })).json()
  await page.goto(`/endpoints/${id}`)
  await hydrated(page)
  const height = () => page.evaluate(() => document.documentElement.scrollHeight)
  const before = await height()
  await page.getByRole('group', { name: /chart/ }).first().hover()
  await expect(page.locator('canvas')).toHaveCount(3)
  expect(await height()).toBe(before)
})

test('a search that is not answered any more says so in place of "Live", and follows again when it is', async ({ page, expectFault }) => {
  expectFault(/503/)
  await page.goto('/logs')
  await hydrated(page)
  const header = page.locator('header').filter({ has: page.getByRole('heading', { name: 'Logs' }) })
  await expect(header.getByText(/^Live · /)).toBeVisible()

  const away = { type: 'about:blank', title: 'Unavailable', status: 503, code: 'source.unavailable', params: { source: 'elasticsearch', reason: 'refused', since: '2026-11-23T05:29:12.000Z' } }
  await page.route(/\/api\/logs(\?|\/histogram)/, route => route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify(away) }))
  await traffic(1)
  await expect(header.getByText('Live · ')).toHaveCount(0, { timeout: 20_000 })
  await expect(header.locator('.figure').filter({ hasText: /^No answer since \d\d:\d\d:12$/ })).toBeVisible()
  await expect(header.locator('.sr-only[aria-live=polite]')).toHaveText(/^No answer since/)
  await page.setViewportSize({ width: 390, height: 844 })
  await expect(header.locator('.live-dot.unanswered')).toBeVisible()

  await page.unroute(/\/api\/logs(\?|\/histogram)/)
  await expect(header.locator('.sr-only[aria-live=polite]')).toHaveText('Live again', { timeout: 20_000 })
  await expect(header.locator('.live-dot.live')).toBeVisible()
})

test('a page whose server is away for a moment keeps what it showed, and says from when it is', async ({ page, expectFault }) => {
  expectFault(/502/)
  await page.goto('/')
  await hydrated(page)
  const row = page.getByRole('row').filter({ hasText: name })
  await expect(row).toBeVisible()
  await page.route(/\/api\/status(\?|$)/, route => route.fulfill({ status: 502, contentType: 'text/html', body: 'Bad gateway' }))
  await expect(page.getByText(/^No answer since \d\d:\d\d:\d\d$/).first()).toBeVisible({ timeout: 20_000 })
  await expect(row).toBeVisible()
  await page.unroute(/\/api\/status(\?|$)/)
  await expect(page.getByText(/^Live · /)).toBeVisible({ timeout: 20_000 })
})
