import { origin } from '../../playwright.config.ts'
import { expectAccessible } from './support/accessible.ts'
import { seeded } from './support/accounts.ts'
import { hex, processCall, report, type Call } from './support/platform.ts'
import { expect, hydrated, refusedPage, test } from './support/test.ts'

let slow: Call
let endpointId: string

test.beforeAll(async ({ playwright }) => {
  const now = Date.now()
  slow = processCall({ at: now - 30_000, hangs: true })
  await report([slow, ...Array.from({ length: 25 }, (_, i) => processCall({ at: now - 55_000 + i * 2_000, hangs: i % 4 === 0 }))])
  const api = await playwright.request.newContext({ baseURL: origin, extraHTTPHeaders: { cookie: seeded().sessions.admin, origin } })
  const created = await api.post('/api/endpoints', { data: { service: `pages-gateway-${hex(4)}`, method: 'POST', template: '/api/v1/process/{step}', nameEn: 'External processing', nameKo: '외부 처리 요청', lifecycle: 'active' } })
  expect(created.ok(), await created.text()).toBe(true)
  endpointId = (await created.json() as { id: string }).id
  await api.dispose()
})

/** Every page, as an admin sees it. */
const pages = (): Record<string, string> => ({
  'status board': '/',
  'service': '/services/business-service',
  'traces': '/traces',
  'traces, nothing found': '/traces?consumer=nobody',
  'trace': `/traces/${slow.traceId}`,
  'trace with its map': `/traces/${slow.traceId}?map=open`,
  'logs': '/logs',
  'metrics': '/metrics',
  'service map': '/map',
  'service map, one link': '/map?caller=business-service&callee=external-api',
  'service map as rows': '/map?view=table',
  'incidents': '/incidents',
  'alerts': '/alerts',
  'alerts, a new rule': '/alerts?rule=new',
  'silences': '/alerts/silences',
  'past alerts': '/alerts/history',
  'endpoints': '/endpoints',
  'new endpoint': '/endpoints/new',
  'passport': `/endpoints/${endpointId}`,
  'passport, consumers': `/endpoints/${endpointId}/consumers`,
  'passport, revisions': `/endpoints/${endpointId}/revisions`,
  'passport, settings': `/endpoints/${endpointId}/settings`,
  'consumers': '/consumers',
  'consumer': '/consumers/partner-shop',
  'own account': '/account',
  'users': '/admin/users',
  'roles': '/admin/roles',
  'audit trail': '/admin/audit',
  'ingest keys': '/admin/ingest-keys',
  'notifications': '/admin/notifications',
  'data sources': '/admin/sources',
  'wall displays': '/admin/displays',
})
const names = ['status board', 'service', 'traces', 'traces, nothing found', 'trace', 'trace with its map', 'logs', 'metrics', 'service map', 'service map, one link', 'service map as rows', 'incidents', 'alerts', 'alerts, a new rule', 'silences', 'past alerts', 'endpoints', 'new endpoint', 'passport', 'passport, consumers', 'passport, revisions', 'passport, settings', 'consumers', 'consumer', 'own account', 'users', 'roles', 'audit trail', 'ingest keys', 'notifications', 'data sources', 'wall displays']

for (const name of names) {
  test(`${name}: whole, accessible in both themes, and fits a phone`, async ({ page, signedInAs }) => {
    // Axe reads the page twice, and a busy machine is not a fault of the page.
    test.setTimeout(150_000)
    await signedInAs('admin')
    const answer = await page.goto(pages()[name]!)
    expect(answer!.status()).toBe(200)
    await hydrated(page)
    await expect(page).toHaveTitle(/.+ · Bongsu$/)
    await expect(page.getByRole('main')).toBeVisible()
    await expectAccessible(page)
    await page.setViewportSize({ width: 390, height: 844 })
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0)
  })
}

test('scripts are fetched while the page is painted, each once, and read after it; its styles come once', async ({ page, signedInAs }) => {
  await signedInAs('admin')
  await page.addInitScript(() => {
    new PerformanceObserver(list => Object.assign(window, { painted: list.getEntriesByName('first-contentful-paint')[0]?.startTime })).observe({ type: 'paint', buffered: true })
    // The application hangs itself up here when it begins.
    Object.defineProperty(window, 'useNuxtApp', { configurable: true, set(value) {
      Object.defineProperty(window, 'useNuxtApp', { value, writable: true, configurable: true })
      Object.assign(window, { begun: performance.now() })
    } })
  })
  await page.goto(pages().trace!)
  await hydrated(page)
  const { fetched, styled, painted, begun } = await page.evaluate(() => ({
    fetched: performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname).filter(path => path.startsWith('/_nuxt/')),
    styled: [...document.querySelectorAll('style')].map(({ id }) => id),
    ...window as unknown as { painted: number, begun: number },
  }))
  expect(fetched.filter(path => path.endsWith('.js')).length).toBeGreaterThan(5)
  expect(fetched.filter((path, i) => fetched.indexOf(path) !== i)).toEqual([])
  expect(styled).toEqual([])
  expect(begun).toBeGreaterThan(painted)
})

test('a page comes with two faces for its own words; those for the words of others come when it is at rest', async ({ page, signedInAs }) => {
  await signedInAs('admin')
  await page.goto('/traces?consumer=nobody')
  const fetched = () => page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname).filter(path => /woff2$|fonts\.css$/.test(path)))
  await expect.poll(fetched).toEqual(expect.arrayContaining([expect.stringMatching(/^\/fonts\/[\da-f]{12}\/fonts\.css$/)]))
  await page.evaluate(() => document.fonts.ready)
  expect((await fetched()).filter(path => path.endsWith('.woff2')).map(path => path.replace(/\..*/, '')).sort()).toEqual(['/_nuxt/latin', '/_nuxt/mono'])
  await page.evaluate(() => document.querySelector('main')!.append('뷁'))
  await expect.poll(fetched).toEqual(expect.arrayContaining([expect.stringMatching(/^\/fonts\/[\da-f]{12}\/woff2-dynamic-subset\//)]))
})

test('what is found from anywhere is named in words that the page was written without', async ({ page, signedInAs }) => {
  await signedInAs('admin')
  await page.goto('/account')
  await hydrated(page)
  await page.getByRole('button', { name: 'Go to' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('combobox').or(dialog.getByRole('textbox')).first().fill('business-service')
  await expect(dialog.getByText('Service', { exact: true })).toBeVisible()
  await expect(dialog.getByRole('option', { name: 'business-service' }).first()).toBeVisible()
})

test.describe('a browser that comes for the first time, from another zone', () => {
  test.use({ timezoneId: 'America/New_York' })

  test('shows its first page in its own zone, as the next', async ({ page, signedInAs }) => {
    await signedInAs('admin')
    const main = page.getByRole('main')
    const own = /\d{2}:\d{2}:\d{2} (?:E[SD]T|GMT-[45])/
    for (const visit of ['first', 'second']) {
      await page.goto('/')
      await hydrated(page)
      await expect(main, visit).toContainText(own)
      await expect(main, visit).not.toContainText('KST')
    }
  })
})

for (const path of ['/login', '/setup', '/reset']) {
  test(`${path}: accessible in both themes before anybody signed in`, async ({ page }) => {
    await page.goto(path)
    await hydrated(page)
    await expectAccessible(page)
  })
}

test('a page that does not exist says so, as a page', async ({ page, signedInAs, expectFault }) => {
  expectFault(refusedPage)
  await signedInAs('viewer')
  for (const path of ['/incidents/none', '/endpoints/none', '/no-such-page']) {
    expect((await page.goto(path))!.status(), path).toBe(404)
    await expect(page.getByRole('heading', { name: 'There is nothing at this address' }), path).toBeVisible()
  }
  await expectAccessible(page)
})

test('HD-02: nothing is blocked by the policy while colours are switched and the page is loaded anew', async ({ page, signedInAs }) => {
  await signedInAs('operator')
  await page.goto('/traces')
  await hydrated(page)
  await page.getByRole('button', { name: 'Switch to dark' }).click()
  await expect(page.locator('html')).toHaveClass(/\bdark\b/)
  await page.reload()
  await hydrated(page)
  await expect(page.locator('html')).toHaveClass(/\bdark\b/)
  await page.getByRole('button', { name: /^Time range/ }).click()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Meta+k')
  await page.goto('/logs')
  await hydrated(page)
})

test.describe('in Korean', () => {
  test.use({ locale: 'ko-KR' })
  test('pages speak Korean', async ({ page, signedInAs, context }) => {
    await signedInAs('operator')
    await context.clearCookies({ name: 'bongsu-language' })
    await page.goto('/traces')
    await expect(page.getByRole('heading', { name: '트레이스' })).toBeVisible()
    await expect(page.locator('html')).toHaveAttribute('lang', 'ko')
    await expect(page.getByText(/\d+건/).first()).toBeVisible()
    await page.goto('/logs')
    await expect(page.getByRole('heading', { name: '로그' })).toBeVisible()
  })
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })
  for (const [name, holds] of [['status board', 'business-service'], ['traces', '/api/v1/process'], ['trace', 'external.api.call'], ['logs', 'calling external-api'], ['metrics', 'business-service'], ['endpoints', '/api/v1/process'], ['passport', 'External processing'], ['consumers', 'partner-shop']] as const) {
    test(`${name} shows its content`, async ({ page, signedInAs }) => {
      await signedInAs('admin')
      await page.goto(pages()[name]!)
      await expect(page.getByRole('main')).toContainText(holds)
    })
  }
})
