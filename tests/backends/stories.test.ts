import { expect, type Page } from '@playwright/test'
import { afterAll, beforeAll, it } from 'vitest'
import { describeWithOurs } from './support/backends.ts'
import { browse, reading, setUpElasticsearch, startConnected } from './support/connected-platform.ts'

describeWithOurs('the three stories, with every signal read from its backend', () => {
  let connected: Awaited<ReturnType<typeof startConnected>>
  let elasticsearch: ReturnType<typeof setUpElasticsearch>
  const browsers: Awaited<ReturnType<typeof browse>>[] = []

  beforeAll(async () => {
    elasticsearch = setUpElasticsearch()
    connected = await startConnected({ env: { ...reading('zipkin'), ...reading('prometheus'), ...reading('elasticsearch') }, rate: 8 })
  })
  afterAll(async () => {
    for (const { close } of browsers) await close()
    await connected?.stop()
    await elasticsearch?.remove()
  })

  async function as(role: string): Promise<Page> {
    const browser = await browse(connected, `${role}@bongsu.example`)
    browsers.push(browser)
    return browser.page
  }
  const hydrated = (page: Page) => page.waitForFunction(() => (document.querySelector('#__nuxt') as { __vue_app__?: unknown } | null)?.__vue_app__ !== undefined)

  it('an admin registers an endpoint seen in traffic and watches it', async () => {
    const page = await as('admin')
    const main = page.getByRole('main')
    const seen = page.locator('#unregistered')
    const register = seen.getByRole('listitem').or(seen.getByRole('row')).filter({ hasText: '/internal/process' }).getByRole('link', { name: /Register/ })
    await expect(async () => {
      await page.goto('/endpoints?unregistered=all&service=business-service')
      await hydrated(page)
      const inner = seen.getByRole('link', { name: /inner services/ })
      if (await inner.isVisible()) await inner.click()
      await expect(register.first()).toBeVisible({ timeout: 3_000 })
    }).toPass({ timeout: 120_000 })
    await register.first().click()

    await expect(page.getByRole('heading', { name: 'Register', exact: true })).toBeVisible()
    await expect(page.getByLabel('Route template')).toHaveValue('/internal/process')
    await hydrated(page)
    await page.getByLabel('English').fill('Processing inside')
    await page.getByRole('button', { name: 'Register as active' }).click()
    await expect(page).toHaveURL(/\/endpoints\/[0-9a-f-]{36}/)
    await expect(main).toContainText('/internal/process')
    // The backends are shared: what a test before this one broke has to get well first.
    await expect(main).toContainText('Healthy', { timeout: 180_000 })

    await connected.platform.setFault('external-timeout')
    await expect(main).toContainText('Critical', { timeout: 90_000 })
  }, 420_000)

  it('an operator finds the 8 s call from a red row to its log line in at most three clicks', async () => {
    await connected.platform.setFault('external-timeout')
    const page = await as('operator')
    const main = page.getByRole('main')
    await page.goto('/')
    await hydrated(page)
    const row = page.getByRole('row').filter({ hasText: 'business-service' }).first()
    await expect(row).toContainText('Critical', { timeout: 90_000 })

    let clicks = 0
    const click = async (target: ReturnType<Page['locator']>) => {
      clicks++
      await target.click()
    }
    await click(row.locator('a[href*="failed=true"]'))
    const failed = page.getByRole('table', { name: 'Traces' }).locator('tbody tr').filter({ hasText: /[89]\.\d\d s/ }).first()
    await expect(failed).toBeVisible({ timeout: 60_000 })
    await click(failed.getByRole('link').first())
    await expect(main).toContainText('external.api.call', { timeout: 20_000 })
    // Lines go by another way than spans, and may come after them: the open page shows them.
    const line = page.getByText(/external call failed: TimeoutError/).first()
    await expect(line.or(page.getByRole('row').filter({ hasText: 'external.api.call' }).first()).first()).toBeVisible()
    if (!await line.isVisible()) await click(page.getByRole('row').filter({ hasText: 'external.api.call' }).first())
    await expect(line).toBeVisible({ timeout: 30_000 })
    expect(clicks).toBeLessThanOrEqual(3)
  }, 300_000)

  it('a supporter is refused traces, logs and queries, as pages and as answers', async () => {
    const page = await as('support')
    for (const path of ['/traces', `/traces/${'a'.repeat(32)}`, '/logs', '/metrics?query=up', '/map']) {
      expect((await page.goto(path))?.status(), path).toBe(403)
      await expect(page.getByRole('main')).toContainText(/permission|may not|not allowed/i)
    }
    for (const path of ['/api/traces', `/api/traces/${'a'.repeat(32)}`, `/api/traces/${'a'.repeat(32)}/logs`, '/api/logs', '/api/metrics/query?query=up&mode=instant', '/api/metrics/names', '/api/map', '/api/sources']) {
      expect((await page.request.get(path)).status(), path).toBe(403)
    }
    // What they are there for is theirs.
    await page.goto('/')
    await expect(page.getByRole('row').filter({ hasText: 'api-gateway' }).first()).toBeVisible()
    expect(await page.getByRole('main').locator('a[href*="/traces"]').count()).toBe(0)
  }, 120_000)
})
