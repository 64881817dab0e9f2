import type { APIRequestContext } from '@playwright/test'
import { readFileSync } from 'node:fs'
import { origin } from '../../playwright.config.ts'
import { seeded } from './support/accounts.ts'
import { expectAccessible } from './support/accessible.ts'
import { hex, processCall, report } from './support/platform.ts'
import { expect, hydrated, refusedPage, test } from './support/test.ts'

/** A service of this file's own. */
const service = `alerting-${hex(6)}`
/** Requests that began so long ago, ms; each hangs for 8 s. */
const failing = (ago = 9_000, count = 10) => report(Array.from({ length: count }, (_, i) => processCall({ at: Date.now() - ago - i * 100, service, hangs: true })))

const fields = (name: string, rest: Record<string, unknown> = {}) => ({
  name, condition: { kind: 'ratio', measure: 'failed', comparator: 'above', limit: 0.2, window: 60_000, least: 5 }, target: { kind: 'service', service },
  for: 0, keepFiring: 0, severity: 'warning', ownerTeam: 'payments', runbook: 'https://wiki.example/run', paused: false, ...rest,
})
async function addRule(api: APIRequestContext, name: string, rest: Record<string, unknown> = {}) {
  const response = await api.post('/api/alerts/rules', { data: fields(name, rest) })
  expect(response.status()).toBe(201)
  return await response.json() as { id: string, revision: number }
}

test.beforeAll(async () => {
  // A minute that is over: a preview looks at whole ones.
  await failing(90_000)
  const known = async () => (await (await fetch(`${origin}/api/services`, { headers: { cookie: seeded().sessions.admin } })).json() as { services: { name: string }[] }).services.map(({ name }) => name)
  await expect.poll(known, { timeout: 60_000 }).toContain(service)
})

test('an operator writes a rule, sees how often it would have fired, and watches it fire', async ({ page, signedInAs }) => {
  test.setTimeout(180_000)
  const name = `slow-${hex(4)}`
  await signedInAs('operator')
  await page.goto('/alerts')
  await hydrated(page)
  await page.getByRole('link', { name: 'New rule' }).click()
  const panel = page.getByRole('complementary', { name: 'New rule' })
  await expect(panel.getByRole('heading', { name: 'How often would it have fired?' })).toBeVisible()
  await panel.getByRole('button', { name: 'Save rule' }).click()
  await expect(panel.getByText('This is needed.').first()).toBeVisible()

  await panel.getByLabel('Name').fill(name)
  await panel.getByLabel('What', { exact: true }).selectOption(`service:${service}`)
  await panel.getByLabel('Measure', { exact: true }).selectOption('failed')
  await panel.getByLabel('Limit').fill('20')
  await panel.getByLabel('For', { exact: true }).fill('0')
  await panel.getByText('More').click()
  await panel.getByLabel('From requests').fill('5')
  await expect(panel.getByRole('heading', { name: /it would have fired once/ })).toBeVisible()
  await expect(panel.getByText('With 100% it would not have fired once.')).toBeVisible()
  await expect(panel.getByRole('row').last()).toContainText('up to 100%')
  await panel.getByLabel('Limit').fill('100')
  await expect(panel.getByRole('heading', { name: 'In the last 24 hours it would not have fired' })).toBeVisible()
  await panel.getByLabel('Limit').fill('20')
  await failing()
  await panel.getByRole('button', { name: 'Save rule' }).click()

  await expect(page).toHaveURL(/rule=[0-9a-f-]{36}/)
  const row = page.getByRole('region', { name: 'Rules' }).getByRole('row').filter({ hasText: name })
  await expect(row).toContainText('> 20.0%')
  const firing = page.getByRole('region', { name: /Firing/ }).getByRole('row').filter({ hasText: name })
  for (let i = 0; i < 6 && !await firing.count(); i++) {
    await failing()
    await firing.waitFor({ timeout: 10_000 }).catch(() => undefined)
  }
  await expect(firing).toContainText('100% of')
  await expect(firing).toContainText(service)
  await expect(row).toContainText('fires at 1')
})

test('whoever saved meanwhile is not run over', async ({ page, signedInAs, apiAs, expectFault }) => {
  expectFault(/409/)
  const api = await apiAs('admin')
  const name = `both-${hex(4)}`
  const { id } = await addRule(api, name)
  await signedInAs('operator')
  await page.goto(`/alerts?rule=${id}`)
  await hydrated(page)
  const panel = page.getByRole('complementary', { name: 'Rule' })
  expect((await api.put(`/api/alerts/rules/${id}`, { data: { revision: 1, fields: fields(name, { severity: 'critical' }) } })).status()).toBe(200)
  await panel.getByLabel('Owner').fill('operations')
  await panel.getByRole('button', { name: 'Save rule' }).click()
  await expect(panel.getByRole('alert')).toContainText('saved revision 2 meanwhile')
  await panel.getByRole('button', { name: 'Show it' }).click()
  await expect(panel.getByLabel('Severity')).toHaveValue('critical')
  await expect(panel.getByLabel('Owner')).toHaveValue('payments')

  await panel.getByRole('button', { name: 'Pause' }).click()
  await expect(page.getByRole('region', { name: 'Rules' }).getByRole('row').filter({ hasText: name })).toContainText('paused')
  await panel.getByRole('button', { name: 'Delete rule' }).click()
  await panel.getByRole('button', { name: 'Really delete?' }).click()
  await expect(page.getByRole('region', { name: 'Rules' }).getByRole('row').filter({ hasText: name })).toHaveCount(0)
})

test('built-in rules say what they do, and can only be paused', async ({ page, signedInAs }) => {
  await signedInAs('operator')
  await page.goto('/alerts?rule=t0')
  await hydrated(page)
  const panel = page.getByRole('complementary', { name: 'Built-in rule' })
  await expect(panel).toContainText('Looks every 5 seconds')
  await expect(panel.getByRole('textbox')).toHaveCount(0)
  const row = page.getByRole('region', { name: 'Rules' }).getByRole('row').filter({ hasText: 'endpoint-failing' })
  await panel.getByRole('button', { name: 'Pause' }).click()
  await expect(row).toContainText('paused')
  await panel.getByRole('button', { name: 'Let run' }).click()
  await expect(row).not.toContainText('paused')
  await page.keyboard.press('Escape')
  await expect(panel).toHaveCount(0)
})

test('a silence is made for what fires, shows, and is ended early', async ({ page, signedInAs }) => {
  await signedInAs('operator')
  await page.goto(`/alerts/silences?silence=new&service=${service}`)
  await hydrated(page)
  const panel = page.getByRole('complementary', { name: 'Keep alerts still' })
  await expect(panel.getByLabel('Service')).toHaveValue(service)
  const reason = `known since ${hex(4)}`
  await panel.getByLabel('Why').fill(reason)
  await panel.getByLabel('For how long').selectOption({ label: '4 hours' })
  await panel.getByRole('button', { name: 'Keep still' }).click()
  const row = page.getByRole('row').filter({ hasText: reason })
  await expect(row).toContainText('holds')
  await row.getByRole('button', { name: 'End now' }).click()
  await row.getByRole('button', { name: 'Really end?' }).click()
  await expect(row).toContainText('over')
})

test('maintenance is planned between two times, every week', async ({ page, signedInAs, apiAs }) => {
  await signedInAs('operator')
  await page.goto(`/alerts/silences?silence=new&service=${service}`)
  await hydrated(page)
  const panel = page.getByRole('complementary', { name: 'Keep alerts still' })
  await panel.getByLabel('Kind').selectOption('maintenance')
  await panel.getByLabel('From').fill('2099-03-01T02:00')
  await panel.getByLabel('To').fill('2099-03-01T04:00')
  await panel.getByLabel('Every week at this time').check()
  const reason = `patch night ${hex(4)}`
  await panel.getByLabel('Why').fill(reason)
  await panel.getByRole('button', { name: 'Keep still' }).click()
  const row = page.getByRole('row').filter({ hasText: reason })
  await expect(row).toContainText('planned')
  await expect(row).toContainText('every week')
  const { silences } = await (await (await apiAs('viewer')).get('/api/alerts/silences')).json() as { silences: { reason: string, from: string }[] }
  // Seoul is nine hours ahead, and so is the reader.
  expect(silences.find(silence => silence.reason.includes(reason))!.from).toBe('2099-02-28T17:00:00.000Z')
})

test('Alertmanager’s alerts show, end, and stand in the history', async ({ page, signedInAs, apiAs, playwright, baseURL }) => {
  const admin = await apiAs('admin')
  const { secret } = await (await admin.post('/api/ingest-keys', { data: { name: `am-${hex(4)}`, scopes: ['alerts'] } })).json() as { secret: string }
  const machine = await playwright.request.newContext({ baseURL, extraHTTPHeaders: { authorization: `Bearer ${secret}` } })
  const message = JSON.parse(readFileSync(new URL('../fixtures/alertmanager/webhook.json', import.meta.url), 'utf8')) as { alerts: { status: string, fingerprint: string, labels: Record<string, string>, annotations: Record<string, string> }[] }
  const host = `db-${hex(4)}`
  message.alerts = [{ ...message.alerts[1]!, fingerprint: hex(16), labels: { ...message.alerts[1]!.labels, instance: host }, annotations: { runbook_url: 'https://wiki.example/disk' } }]
  expect(await (await machine.post('/api/alerts/alertmanager', { data: message })).json()).toMatchObject({ fired: 1 })
  expect((await machine.get('/api/alerts')).status()).toBe(401)

  await signedInAs('viewer')
  await page.goto('/alerts')
  await expect(page.getByRole('row').filter({ hasText: host })).toContainText('DiskWillFill fires in Alertmanager')
  await signedInAs('operator')
  await page.goto('/alerts')
  const row = page.getByRole('row').filter({ hasText: host })
  await expect(row.getByRole('link', { name: 'Run book' })).toHaveAttribute('href', 'https://wiki.example/disk')
  await row.getByRole('link', { name: /^INC-\d+$/ }).click()
  await expect(page.getByRole('link', { name: 'Run book' }).first()).toHaveAttribute('href', 'https://wiki.example/disk')
  message.alerts[0]!.status = 'resolved'
  expect(await (await machine.post('/api/alerts/alertmanager', { data: message })).json()).toMatchObject({ resolved: 1 })
  await page.goto('/alerts/history')
  await expect(page.getByRole('row').filter({ hasText: host })).toContainText('Alertmanager')
  await machine.dispose()
})

test('viewers read and cannot write, support staff have no page', async ({ page, signedInAs, apiAs, expectFault }) => {
  const { id } = await addRule(await apiAs('operator'), `read-${hex(4)}`, { condition: { kind: 'absence', window: 300_000 } })
  const viewer = await apiAs('viewer')
  expect((await viewer.put(`/api/alerts/rules/${id}`, { data: { revision: 1, fields: fields('x') } })).status()).toBe(403)
  expect((await viewer.post(`/api/alerts/rules/${id}/pause`)).status()).toBe(403)
  await signedInAs('viewer')
  await page.goto(`/alerts?rule=${id}`)
  await hydrated(page)
  await expect(page.getByRole('complementary', { name: 'Rule' })).toContainText('none for 5 min')
  await expect(page.getByRole('link', { name: 'https://wiki.example/run' })).toHaveAttribute('rel', /noopener/)
  for (const name of ['New rule', 'Add silence']) await expect(page.getByRole('link', { name })).toHaveCount(0)
  await page.goto('/alerts?rule=new')
  await expect(page.getByRole('complementary', { name: 'New rule' })).toHaveCount(0)

  expectFault(refusedPage)
  await signedInAs('support')
  expect((await page.goto('/alerts'))!.status()).toBe(403)
})

test.describe('with JavaScript off', () => {
  test.use({ javaScriptEnabled: false })

  test('what fires, the rules, silences and history are there', async ({ page, signedInAs, apiAs }) => {
    const name = `plain-${hex(4)}`
    const { id } = await addRule(await apiAs('operator'), name)
    await signedInAs('viewer')
    await page.goto('/alerts')
    await expect(page.getByRole('row').filter({ hasText: name })).toContainText('payments')
    await page.getByRole('link', { name }).click()
    await expect(page).toHaveURL(new RegExp(id))
    await expect(page.getByRole('complementary', { name: 'Rule' })).toContainText('> 20.0%')
    await page.getByRole('link', { name: /Silences/ }).click()
    await expect(page.getByText('open no incident')).toBeVisible()
    await page.getByRole('link', { name: 'History' }).click()
    await expect(page).toHaveURL(/\/alerts\/history$/)
  })
})

for (const width of [1440, 390]) {
  test(`nothing is in the way of anybody at ${width} px`, async ({ page, signedInAs, apiAs }) => {
    test.setTimeout(180_000)
    const { id } = await addRule(await apiAs('operator'), `axe-${hex(4)}`)
    await page.setViewportSize({ width, height: 900 })
    await signedInAs('operator')
    for (const path of ['/alerts', `/alerts?rule=${id}`, '/alerts?rule=t0', '/alerts/silences', '/alerts/silences?silence=new', '/alerts/history']) {
      await page.goto(path)
      await hydrated(page)
      if (path.includes(id)) await expect(page.getByRole('heading', { name: /In the last 24 hours/ })).toBeVisible()
      await expectAccessible(page)
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${path} sideways`).toBeLessThanOrEqual(0)
    }
  })
}
