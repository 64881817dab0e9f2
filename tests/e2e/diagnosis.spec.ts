import { expectAccessible } from './support/accessible.ts'
import { hex, processCall, report } from './support/platform.ts'
import { expect, hydrated, test } from './support/test.ts'

/** Ten minutes of a platform whose partner began to hang two minutes ago, two times out of three. */
async function disturb(names: { service: string, business: string, external: string }) {
  const now = Date.now()
  const calls = Array.from({ length: 150 }, (_, i) => {
    const ago = 600_000 - i * 4_000
    return processCall({ at: now - ago - 9_000, ...names, hangs: ago < 120_000 && i % 3 > 0, consumer: i % 2 ? 'partner-shop' : 'partner-pay' })
  })
  await report(calls)
}

test('Diagnose names who is guilty, and why, on the page of a service', async ({ page, signedInAs, apiAs }) => {
  test.setTimeout(120_000)
  const tag = hex(6)
  const [service, business, external] = [`gateway-${tag}`, `business-${tag}`, `external-${tag}`] as const
  await disturb({ service, business, external })
  const api = await apiAs('operator')
  await expect.poll(async () => (await api.get(`/api/services/${service}/analysis`)).status(), { timeout: 20_000 }).toBe(200)
  await signedInAs('operator')
  await page.goto(`/services/${service}?range=15m`)
  await hydrated(page)
  await page.getByRole('button', { name: 'Diagnose' }).click()

  const found = page.getByRole('region', { name: `${business} calls ${external}; each slow call is cut at 8.0` })
  await expect(found).toBeVisible({ timeout: 60_000 })
  await expect(found.getByRole('heading', { name: /each slow call is cut/ })).toBeFocused()
  await expect(found).toContainText('external.api.call')
  await expect(found).toContainText('Timeout')
  await expectAccessible(page)
  await found.locator('a[href^="/traces/"]').first().click()
  await expect(page).toHaveURL(/\/traces\/[\da-f]{32}/)
})

test('whoever may not read traces is not offered a diagnosis', async ({ page, signedInAs, apiAs }) => {
  const service = `gateway-${hex(6)}`
  await report([processCall({ at: Date.now() - 5_000, service })])
  const api = await apiAs('operator')
  await expect.poll(async () => (await api.get(`/api/services/${service}/analysis`)).status(), { timeout: 20_000 }).toBe(200)
  await signedInAs('viewer')
  await page.goto(`/services/${service}`)
  await expect(page.getByRole('heading', { name: service })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Diagnose' })).toHaveCount(0)
})
