import { hex, processCall, report } from './support/platform.ts'
import { expect, hydrated, test } from './support/test.ts'

test('an admin registers an endpoint seen in traffic and watches it', async ({ page, signedInAs }) => {
  const service = `partner-gateway-${hex(4)}`
  const template = '/api/v1/settle'
  const now = Date.now()
  const call = (at: number) => processCall({ at, service, route: template, consumer: 'partner-shop' })
  await report(Array.from({ length: 24 }, (_, i) => call(now - 50_000 + i * 2_000)))

  await signedInAs('admin')
  await page.goto(`/endpoints?unregistered=all&service=${service}`)
  await hydrated(page)
  const seen = page.locator('#unregistered')
  // Where other services publish already, one that does not yet stands with the inner ones.
  const inner = seen.getByRole('link', { name: /inner services/ })
  if (await inner.isVisible()) await inner.click()
  await expect(seen).toContainText(template)
  await seen.getByRole('link', { name: /Register/ }).first().click()

  await expect(page.getByRole('heading', { name: 'Register', exact: true })).toBeVisible()
  await expect(page.getByLabel('Route template')).toHaveValue(template)
  await hydrated(page)
  await page.getByLabel('English').fill('Settlement')
  await page.getByRole('button', { name: 'Register as active' }).click()

  await expect(page).toHaveURL(/\/endpoints\/[0-9a-f-]{36}/)
  const main = page.getByRole('main')
  await expect(main).toContainText(template)
  // Past traffic counts at once, because figures are kept by route and not by registration.
  await expect(main).toContainText('Healthy', { timeout: 20_000 })
  await expect(main).toContainText('partner-shop')

  const failing = Date.now()
  await report(Array.from({ length: 30 }, (_, i) => processCall({ at: failing - 9_500 + i * 10, service, route: template, hangs: true })))
  await expect(main).toContainText('Critical', { timeout: 30_000 })
})

test('an operator finds the 8 s call from a red row to its log line in at most three clicks', async ({ page, signedInAs }) => {
  const service = `checkout-gateway-${hex(4)}`
  const marker = `order${hex(8)}`
  const now = Date.now()
  await report(Array.from({ length: 40 }, (_, i) => processCall({ at: now - 50_000 + i * 1_000, service, hangs: i % 3 !== 0, marker })))

  await signedInAs('operator')
  await page.goto('/')
  await hydrated(page)
  const row = page.getByRole('row').filter({ hasText: service })
  await expect(row).toContainText('Critical', { timeout: 30_000 })

  let clicks = 0
  const click = async (target: ReturnType<typeof page.locator>) => {
    clicks++
    await target.click()
  }
  // From the red figure to the failing traces.
  await click(row.locator('a[href*="failed=true"]'))
  const trace = page.getByRole('table', { name: 'Traces' }).locator('tbody tr').first()
  await expect(trace).toContainText('8.12 s')
  // To the newest of them: it says at its top where the error began.
  await click(trace.getByRole('link'))
  await expect(page.getByRole('main')).toContainText('external.api.call')
  await expect(page.getByRole('main')).toContainText('8.00 s')
  const line = page.getByText(new RegExp(`external call failed: TimeoutError ${marker}`)).first()
  // To the span that began it, with its log line.
  if (!await line.isVisible()) await click(page.getByRole('row').filter({ hasText: 'external.api.call' }).first())
  await expect(line).toBeVisible()
  expect(clicks).toBeLessThanOrEqual(3)
})
