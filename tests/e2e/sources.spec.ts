import { hex, processCall, report } from './support/platform.ts'
import { expect, hydrated, refusedPage, test } from './support/test.ts'

test('an administrator sees what each source is and can do, and asks it anew', async ({ page, signedInAs }) => {
  await report([processCall({ at: Date.now() - 5_000, service: `seen-${hex(6)}` })])
  await signedInAs('admin')
  await page.goto('/admin/sources')
  await hydrated(page)
  const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: /^Traces/ }) })
  await expect(row).toContainText('own store')
  await expect(row).toContainText('Can: ')
  await row.getByRole('button', { name: 'Check now: Traces' }).click()
  await expect(page.getByText(/^Traces: /)).toBeAttached()
  await expect(row.getByRole('button')).toBeEnabled()
  await expect(page.getByRole('heading', { name: 'Troubles of the last 24 hours' })).toBeVisible()
})

test('nobody else may ask the sources', async ({ page, signedInAs, expectFault }) => {
  expectFault(refusedPage)
  await signedInAs('operator')
  expect((await page.goto('/admin/sources'))!.status()).toBe(403)
  expect((await page.request.get('/api/sources?check=all')).status()).toBe(403)
})
