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
