import { expectAccessible } from './support/accessible.ts'
import { startOwnApp, type OwnApp } from './support/own-app.ts'
import { expect, hydrated, test } from './support/test.ts'
import { startRecordedPrometheus } from '../support/recorded-backend.ts'

test('without a query language the page says so, and shows what is counted here', async ({ page, signedInAs }) => {
  await signedInAs('operator')
  await page.goto('/metrics')
  await hydrated(page)
  await expect(page.getByRole('heading', { name: 'PromQL needs a connected Prometheus' })).toBeVisible()
  await expect(page.getByRole('textbox', { name: 'PromQL query' })).toHaveCount(0)
  await expect(page.getByRole('main').getByRole('link', { name: 'Endpoints' })).toBeVisible()
})

test('who may not query is refused', async ({ page, signedInAs, expectFault }) => {
  expectFault(/403/)
  expectFault(/NUXT_E1005/)
  await signedInAs('support')
  expect((await page.goto('/metrics'))!.status()).toBe(403)
})

test.describe('with a connected Prometheus', () => {
  let app: OwnApp
  let prometheus: Awaited<ReturnType<typeof startRecordedPrometheus>>
  let cookie: string
  const labels = ['job', 'instance', 'http_route', 'http_request_method', 'http_response_status_code']
  const query = 'sum by (http_route) (rate(http_server_request_duration_seconds_count[5m]))'

  test.beforeAll(async () => {
    prometheus = await startRecordedPrometheus({
      metrics: { http_server_request_duration_seconds_count: { labels }, http_server_request_duration_seconds_bucket: { labels: [...labels, 'le'], bounds: ['1', '10', '+Inf'] }, jvm_memory_used_bytes: { labels: ['job'] } },
      values: { job: ['shop/orders'], http_route: ['/orders/{id}', '/payments'] },
      answer(asked, range, form) {
        if (asked.includes('refuse_me')) return { status: 'error', errorType: 'execution', error: 'found duplicate series' }
        const [start, end, step] = ['start', 'end', 'step'].map(name => Number(form.get(name)))
        const series = (labels: Record<string, string>, valueOf: (i: number) => number) => ({ metric: labels, values: Array.from({ length: Math.floor((end! - start!) / step!) + 1 }, (_, i) => [start! + i * step!, String(valueOf(i))]) })
        if (asked.startsWith('count(')) return range ? { resultType: 'matrix', result: [series({}, () => (asked.includes('many') ? 1_680 : 9))] } : undefined
        if (range && asked.includes('http_route')) return { resultType: 'matrix', result: [series({ http_route: '/orders/{id}' }, i => 4 + i % 3), series({ http_route: '/payments' }, () => 1)] }
        return range && asked.includes('many') ? { resultType: 'matrix', result: [series({}, () => 1)] } : undefined
      },
    })
    app = await startOwnApp({ NUXT_PROMETHEUS_URL: prometheus.url })
    cookie = (await app.ask('/api/setup', { method: 'POST', body: { token: app.setupToken, name: 'Ada', email: 'ada@example.com', password: 'lanterns over dark water' } })).setCookie!
  })
  test.afterAll(async () => {
    await app.close()
    prometheus.close()
  })
  test.beforeEach(async ({ context }) => {
    const [name, value] = cookie.split('=', 2) as [string, string]
    await context.addCookies([{ name, value, url: app.origin, httpOnly: true, sameSite: 'Strict' }, { name: 'bongsu-language', value: 'en', url: app.origin, sameSite: 'Strict' }])
  })

  test('a query is completed, run, kept and shared by its address', async ({ page }) => {
    await page.goto(`${app.origin}/metrics`)
    await hydrated(page)
    const editor = page.getByRole('textbox', { name: 'PromQL query' })
    await expect(page.locator('.cm-editor')).toBeVisible()
    await editor.click()
    await page.keyboard.type('sum by (http_route) (rate(http_server_requ')
    await page.getByRole('option', { name: /http_server_request_duration_seconds_count/ }).click()
    await page.keyboard.type('[5m]')
    await expect(editor).toContainText(query)
    await page.keyboard.press('Control+Enter')
    await expect(page.getByRole('row', { name: /\/orders\/\{id\}/ })).toContainText('6')
    await expect(page.getByRole('img', { name: 'Result over time' })).toBeVisible()
    expect(new URL(page.url()).searchParams.get('query')).toBe(query)

    await page.getByRole('button', { name: 'Saved queries' }).click()
    await page.getByLabel('Name', { exact: true }).fill('Traffic by route')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(page.getByRole('link', { name: 'Traffic by route' })).toBeVisible()
    await page.getByRole('button', { name: 'Share Traffic by route' }).click()
    await expect(page.getByRole('button', { name: 'Keep Traffic by route to myself' })).toBeVisible()

    await page.goto(`${app.origin}/metrics`)
    await hydrated(page)
    await page.getByRole('button', { name: 'Saved queries' }).click()
    await page.getByRole('link', { name: 'Traffic by route' }).click()
    await expect(page.getByRole('row', { name: /\/payments/ })).toBeVisible()
  })

  test('the result is worked with: one line alone, a live chart, figures for a spreadsheet', async ({ page }) => {
    await page.goto(`${app.origin}/metrics?query=${encodeURIComponent(query)}`)
    await hydrated(page)
    await page.getByRole('button', { name: '/payments' }).click()
    await expect(page.getByRole('button', { name: '/payments' })).toHaveAttribute('aria-pressed', 'true')
    await expect(page.getByRole('img', { name: 'Result over time' }).locator('path')).toHaveCount(1)
    await page.getByRole('group', { name: /Result over time/ }).hover()
    await expect(page.locator('canvas')).toBeVisible()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click()])
    expect(download.suggestedFilename()).toBe('metrics.csv')
  })

  test('a query becomes an alert rule, for who may write one', async ({ page }) => {
    await page.goto(`${app.origin}/metrics?query=${encodeURIComponent(query)}`)
    await hydrated(page)
    await page.getByRole('link', { name: 'Make it an alert rule' }).click()
    const panel = page.getByRole('complementary', { name: 'New rule' })
    await expect(panel.getByLabel('Measure', { exact: true })).toHaveValue('promql')
    await expect(panel.getByRole('textbox', { name: 'PromQL query' })).toContainText(query)
    await panel.getByLabel('Name', { exact: true }).fill('traffic-by-route')
    await panel.getByLabel('Limit').fill('100')
    await panel.getByRole('button', { name: 'Save rule' }).click()
    await expect(page.getByRole('region', { name: 'Rules' }).getByRole('row').filter({ hasText: 'traffic-by-route' })).toContainText('> 100')
  })

  test('a mistake is shown where it stands, and what the backend says against a query', async ({ page }) => {
    await page.goto(`${app.origin}/metrics?query=${encodeURIComponent('sum(')}`)
    await hydrated(page)
    await expect(page.locator('.cm-lintRange-error').first()).toBeAttached()
    await page.goto(`${app.origin}/metrics?query=refuse_me`)
    await expect(page.getByRole('alert').filter({ hasText: 'found duplicate series' })).toBeVisible()
  })

  test('what the guard changed is told, with the way out; what it refuses, too', async ({ page }) => {
    await page.goto(`${app.origin}/metrics?range=1h&query=many`)
    await hydrated(page)
    await expect(page.getByRole('region', { name: 'What the guard changed' })).toContainText('Ran with a step of 60 s instead of 15 s.')
    await page.getByRole('link', { name: 'Range 15m' }).click()
    await expect(page).toHaveURL(/range=15m/)
    await expect(page.getByText('step 15 s', { exact: true })).toBeVisible()
    await expect(page.getByRole('region', { name: 'What the guard changed' })).toHaveCount(0)
    await page.goto(`${app.origin}/metrics?range=1d&step=5&query=up`)
    await expect(page.getByRole('alert').filter({ hasText: 'A step of 10 s would do.' })).toBeVisible()
    await hydrated(page)
    await page.getByRole('link', { name: 'Let the range choose the step' }).click()
    await expect(page.getByText('The query is fine')).toBeVisible()
  })

  test('it is accessible in both themes, and fits a phone', async ({ page }) => {
    test.setTimeout(150_000)
    await page.goto(`${app.origin}/metrics?query=${encodeURIComponent(query)}`)
    await hydrated(page)
    await expect(page.locator('.cm-editor')).toBeVisible()
    await expectAccessible(page)
    await page.setViewportSize({ width: 390, height: 844 })
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0)
  })

  test.describe('without JavaScript', () => {
    test.use({ javaScriptEnabled: false })
    test('a query is written into a form and answered by a page', async ({ page }) => {
      await page.goto(`${app.origin}/metrics?range=15m`)
      await page.getByRole('textbox', { name: 'PromQL query' }).fill(query)
      await page.getByRole('button', { name: 'Run' }).click()
      await expect(page.getByRole('cell', { name: '/orders/{id}' })).toBeVisible()
      expect(new URL(page.url()).searchParams.get('range')).toBe('15m')
      await expect(page.getByRole('img', { name: 'Result over time' })).toBeVisible()
    })
  })
})
