import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expectAccessible } from './support/accessible.ts'
import { startOwnApp, type OwnApp } from './support/own-app.ts'
import { expect, hydrated, refusedPage, test } from './support/test.ts'

test('who may not change settings is refused', async ({ page, signedInAs, expectFault }) => {
  expectFault(refusedPage)
  await signedInAs('operator')
  expect((await page.goto('/admin/notifications'))!.status()).toBe(403)
})

test.describe('with receivers on this machine', () => {
  let app: OwnApp
  let receiver: Server
  let cookie: string
  let status = 204
  const bodies: string[] = []

  test.beforeAll(async () => {
    receiver = createServer(async (request, response) => {
      bodies.push((await Array.fromAsync(request as AsyncIterable<Buffer>)).join(''))
      response.writeHead(status).end()
    })
    await new Promise<void>(resolve => receiver.listen(0, '127.0.0.1', resolve))
    app = await startOwnApp({ NUXT_NOTIFICATION_NETWORKS: '127.0.0.0/8', NUXT_NOTIFICATION_PORTS: '1-65535' })
    cookie = (await app.ask('/api/setup', { method: 'POST', body: { token: app.setupToken, name: 'Ada', email: 'ada@example.com', password: 'lanterns over dark water' } })).setCookie!
  })
  test.afterAll(async () => {
    await app.close()
    receiver.close()
  })
  test.beforeEach(async ({ context }) => {
    const [name, value] = cookie.split('=', 2) as [string, string]
    await context.addCookies([{ name, value, url: app.origin, httpOnly: true, sameSite: 'Strict' }, { name: 'bongsu-language', value: 'en', url: app.origin, sameSite: 'Strict' }])
  })

  test('a channel is set up, tried, and given a route, all by keyboard and name', async ({ page, expectFault }) => {
    expectFault(/status of 422/)
    await page.goto(`${app.origin}/admin/notifications`)
    await hydrated(page)
    await expect(page.getByText('Nothing leaves this house yet.')).toBeVisible()

    await page.getByRole('button', { name: 'Add a channel' }).click()
    await page.getByLabel('Name', { exact: true }).fill('On call')
    await page.getByLabel('Web address').fill('http://169.254.169.254/latest')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByText('No receiver may have this address')).toBeVisible()
    await page.getByLabel('Web address').fill(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook/canary-path`)
    await page.getByRole('button', { name: 'Save' }).press('Enter')
    await expect(page.getByRole('heading', { name: 'Signing secret of On call' })).toBeVisible()
    await expect(page.locator('code').filter({ hasText: /^whsec_/ })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(page.locator('code').filter({ hasText: /^whsec_/ })).toHaveCount(0)

    await page.getByRole('button', { name: 'Test: On call' }).click()
    await expect(page.getByText('Arrived: the receiver answered 204.').first()).toBeVisible()
    expect(JSON.parse(bodies.at(-1)!)).toMatchObject({ type: 'test' })
    await expect(page.getByRole('row', { name: /On call .*Test message/ })).toBeVisible()

    await page.getByRole('button', { name: 'Add a route: On call' }).click()
    await page.getByLabel('From which severity').selectOption({ label: 'Critical only' })
    await page.getByLabel('Hold what is not urgent').check()
    await page.getByLabel('From', { exact: true }).fill('23:00')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByText(/critical only · all teams · opened, resolved, open again · quiet from 23:00 to 08:00/)).toBeVisible()
    expect(await page.content()).not.toContain('canary-path')
    await expectAccessible(page)
  })

  test('a receiver that fails is told of in words', async ({ page, expectFault }) => {
    expectFault(/status of 429/)
    status = 500
    await page.goto(`${app.origin}/admin/notifications`)
    await hydrated(page)
    // Two tests of one channel are five seconds apart.
    await expect(async () => {
      await page.getByRole('button', { name: 'Test: On call' }).click()
      await expect(page.getByText('The receiver failed inside (500).').first()).toBeVisible({ timeout: 1_000 })
    }).toPass()
    await expect(page.getByText('Last try failed')).toBeVisible()
    status = 204
    await page.getByRole('link', { name: 'not delivered' }).click()
    await expect(page.getByRole('row', { name: /On call .*not delivered/ })).toBeVisible()
    await page.getByRole('link', { name: 'given up' }).click()
    await expect(page.getByText('No such message.')).toBeVisible()
  })

  test('one’s own routes stand with the account', async ({ page }) => {
    await page.goto(`${app.origin}/account`)
    await hydrated(page)
    const own = page.getByRole('region', { name: 'My notifications' })
    await expect(own.getByText('This installation has no mail server yet')).toBeVisible()
    await own.getByRole('button', { name: 'Add a route' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await expect(own.getByText('critical only · all teams · opened, resolved, open again')).toBeVisible()
    await own.getByRole('button', { name: /Change the route/ }).click()
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('button', { name: 'Really remove?' }).click()
    await expect(own.getByText('You get no mail.')).toBeVisible()
  })

  test.describe('without script, on a phone', () => {
    test.use({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } })
    test('everything can still be read', async ({ page }) => {
      await page.goto(`${app.origin}/admin/notifications`)
      await expect(page.getByRole('heading', { name: 'On call' })).toBeVisible()
      await expect(page.getByRole('heading', { name: 'Delivery log' })).toBeVisible()
      await expect(page.getByText('Test message').first()).toBeVisible()
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    })
  })
})
