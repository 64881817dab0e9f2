import type { APIRequestContext } from '@playwright/test'
import { hex, processCall, report } from './support/platform.ts'
import { expect, hydrated, test } from './support/test.ts'

/** A gateway of this file's own, so that other tests' traffic is not in the way. */
const service = `gate-${hex(6)}`
const calls = (route: string, consumer: string, count: number) => report(Array.from({ length: count }, (_, i) =>
  processCall({ at: Date.now() - 1_000 - i * 500, service, route, consumer })))

async function register(api: APIRequestContext, endpoint: Record<string, unknown>) {
  const response = await api.post('/api/endpoints', { data: { service, method: 'POST', ...endpoint } })
  expect(response.status()).toBe(201)
  return await response.json() as { id: string, revision: number } & Record<string, unknown>
}

test('an admin registers an endpoint seen in traffic and watches it', async ({ page, signedInAs }) => {
  const route = `/api/v1/orders/{id}/receipt-${hex(4)}`
  await calls(route, 'partner-shop', 12)
  await signedInAs('admin')

  await page.goto(`/endpoints?service=${service}&unregistered=all`)
  await hydrated(page)
  const seen = page.getByRole('listitem').filter({ hasText: route.replace('{id}', '{}') })
  await expect(seen).toContainText('12 requests')
  await expect(seen).toContainText('partner-shop')
  await seen.getByRole('link', { name: 'Register' }).click()

  await expect(page.getByRole('heading', { name: 'Register', exact: true })).toBeVisible()
  await hydrated(page)
  await expect(page.getByRole('combobox', { name: 'Service' })).toHaveValue(service)
  await expect(page.getByRole('textbox', { name: 'Route template' })).toHaveValue(route.replace('{id}', '{orderId}'))
  await expect(page.getByText('12 requests, 1 consumer')).toBeVisible()
  await expect(page.getByText('No collision.')).toBeVisible()
  await page.getByLabel('English').fill('Order receipt')
  await page.getByLabel('Objective p95').fill('400')
  await page.getByRole('button', { name: 'Register as active' }).click()

  await expect(page).toHaveURL(/\/endpoints\/[0-9a-f-]{36}$/)
  await expect(page.getByText('Order receipt').first()).toBeVisible()
  await expect(page.getByRole('link', { name: 'partner-shop', exact: true }).first()).toBeVisible()

  await page.goto(`/endpoints?service=${service}`)
  const row = page.getByRole('row').filter({ hasText: 'receipt-' })
  await expect(row).toContainText('Active')
  await expect(row).toContainText('0.00%')
  await expect(page.locator('#unregistered')).not.toContainText('receipt-')
})

test('a route that is taken cannot be registered as active, and the form says by whom', async ({ page, signedInAs, apiAs }) => {
  const template = `/api/v1/taken-${hex(4)}/{a}`
  await register(await apiAs('admin'), { template, lifecycle: 'active', nameEn: 'First of its route' })
  await signedInAs('admin')
  await page.goto(`/endpoints/new?service=${service}&method=POST&template=${encodeURIComponent(template.replace('{a}', ':b'))}`)
  await hydrated(page)
  await expect(page.getByText('This route is registered already.')).toBeVisible()
  await expect(page.getByText('First of its route')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Register as active' })).toBeDisabled()
  await page.getByRole('button', { name: 'Save as draft' }).click()
  await expect(page).toHaveURL(/\/endpoints\/[0-9a-f-]{36}$/)
})

test('two admins at once: the second is told, chooses, and nothing is lost', async ({ page, signedInAs, apiAs, expectFault }) => {
  expectFault(/409 \(Conflict\)/)
  const api = await apiAs('admin')
  const { id, revision, routeKey: _r, lifecycle: _l, sunset: _s, createdAt: _c, updatedAt: _u, ...fields } = await register(api, { template: `/api/v1/both-${hex(4)}`, latencyObjective: 1_000, contact: 'link@bongsu.example' })
  await signedInAs('admin')
  await page.goto(`/endpoints/${id}/settings`)
  await hydrated(page)

  expect((await api.put(`/api/endpoints/${id}`, { data: { revision, fields: { ...fields, latencyObjective: 800, contact: 'oncall@bongsu.example' } } })).status()).toBe(200)
  await page.getByLabel('Objective p95').fill('600')
  await page.getByRole('textbox', { name: 'Description' }).fill('Sent by the new rules')
  await page.getByRole('button', { name: 'Save as revision 2' }).click()

  await expect(page.getByRole('alert')).toContainText('changed 2 fields since you opened this')
  await expect(page.getByRole('button', { name: 'Save as revision 3' })).toBeDisabled()
  await page.getByRole('radio', { name: '600 ms' }).check()
  await page.getByRole('button', { name: 'Save as revision 3' }).click()
  await expect(page.getByRole('status')).toContainText('Saved as revision 3')

  const after = await (await api.get(`/api/endpoints/${id}`)).json()
  expect(after.endpoint).toMatchObject({ latencyObjective: 600, contact: 'oncall@bongsu.example', description: 'Sent by the new rules' })

  await page.goto(`/endpoints/${id}/revisions?old=1&new=3`)
  await hydrated(page)
  await expect(page.getByRole('deletion').filter({ hasText: '1.00 s' })).toBeVisible()
  await page.getByRole('button', { name: 'Restore revision 1' }).click()
  await expect(page.getByRole('status')).toContainText('Revision 1 restored as revision 4')
})

test('an endpoint lives, ends and comes back', async ({ page, signedInAs, apiAs }) => {
  const { id } = await register(await apiAs('admin'), { template: `/api/v1/life-${hex(4)}` })
  await signedInAs('admin')
  await page.goto(`/endpoints/${id}/settings`)
  await hydrated(page)
  const life = page.locator('#lifecycle')
  await life.getByRole('button', { name: 'Activate' }).click()
  await expect(life).toContainText('Active')
  await life.getByRole('button', { name: 'Deprecate…' }).click()
  await life.getByLabel('Last day').fill('2099-12-31')
  await life.getByRole('button', { name: 'Deprecate' }).click()
  await expect(life).toContainText('The last day is Dec 31, 2099')
  await life.getByRole('button', { name: 'Retire' }).click()
  await life.getByRole('button', { name: 'Retire' }).click()
  await expect(life).toContainText('Retired')
  await life.getByRole('button', { name: 'Restore' }).click()
  await expect(life).toContainText('Active')
})

test.describe('with JavaScript off', () => {
  test.use({ javaScriptEnabled: false })

  test('the list shows its figures, is searched and filtered', async ({ page, signedInAs, apiAs }) => {
    const word = `plain-${hex(4)}`
    await register(await apiAs('admin'), { template: `/api/v1/${word}`, lifecycle: 'active' })
    await signedInAs('viewer')
    await page.goto('/endpoints')
    const search = page.getByRole('searchbox', { name: 'Find by route, name, description, team' })
    await search.fill(word)
    await search.press('Enter')
    await expect(page.getByRole('row').filter({ hasText: word })).toContainText('Active')
    await expect(page.getByRole('link', { name: 'Register endpoint' })).toHaveCount(0)
  })
})
