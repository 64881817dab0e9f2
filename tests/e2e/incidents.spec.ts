import type { APIRequestContext, Page } from '@playwright/test'
import type { Incident } from '../../shared/schemas/incident-detail.ts'
import type { Incidents } from '../../shared/schemas/incident-list.ts'
import { origin } from '../../playwright.config.ts'
import { expectAccessible } from './support/accessible.ts'
import { seeded } from './support/accounts.ts'
import { expect, hydrated, test } from './support/test.ts'
import { createTimeoutStory } from './support/timeout-story.ts'

const story = createTimeoutStory()
const { names } = story
let isFaulty = false
let stop: (() => Promise<void>) | undefined
let number = 0

test.describe.configure({ mode: 'serial' })
test.afterAll(async () => void (await stop?.()))

async function read(api: APIRequestContext): Promise<Incident> {
  return await (await api.get(`/api/incidents/INC-${number}`)).json() as Incident
}
const open = async (page: Page, path = `/incidents/INC-${number}`) => {
  await page.goto(path)
  await hydrated(page)
}

test('a fault opens one incident by itself, that names the guilty call, its limit and who is hurt', async ({ apiAs, page, signedInAs }) => {
  test.setTimeout(240_000)
  const api = await apiAs('admin')
  await api.post('/api/endpoints', { data: { service: names.gateway, method: 'POST', template: '/api/v1/settle', lifecycle: 'active', nameKo: '정산 요청', nameEn: 'Settlement', repeatSafe: 'no' } })
  await story.seedUsual()
  stop = story.play(() => isFaulty)
  // Early in a step of the figures: two calls of a fault at the end of one are too few to be its onset.
  await new Promise(resolve => setTimeout(resolve, 11_000 - Date.now() % 10_000))
  isFaulty = true

  await expect.poll(async () => {
    const { open } = await (await api.get('/api/incidents')).json() as Incidents
    const mine = open.filter(({ endpoints, operator }) => endpoints.some(({ nameEn }) => nameEn === 'Settlement') || operator?.culprit?.service === names.business)
    number = mine[0]?.number ?? 0
    return mine.map(({ operator }) => operator?.culprit && { ...operator.culprit, operation: undefined })
  }, { timeout: 150_000, intervals: [2_000] }).toEqual([{ service: names.business, operation: undefined, remote: names.external, type: 'timeout' }])

  await signedInAs('operator')
  await open(page, '/')
  const strip = page.getByRole('list', { name: 'Open incidents' }).getByRole('listitem').filter({ hasText: `INC-${number}` })
  await strip.getByRole('link', { name: 'Read the diagnosis' }).click()
  await expect(page).toHaveURL(new RegExp(`/incidents/INC-${number}$`))
  const where = page.getByRole('region', { name: 'Where', exact: true })
  await expect(where).toContainText(names.business)
  await expect(where).toContainText(names.external)
  await expect(where).toContainText('external.settle')
  await expect(where).toContainText('Timeout')
  await expect(page.getByRole('region', { name: 'Why we say so' })).toContainText(/8\.0\d? s/)
  await expect(page.getByRole('region', { name: 'Who is hurt' })).toContainText('2 consumers')
  await expect(page.getByRole('img', { name: 'How long the calls take' })).toContainText(/end at 8\.0\d? s/)
  await expectAccessible(page)
})

test('its parts of the added time sum to 100 %', async ({ page, signedInAs }) => {
  await signedInAs('operator')
  await open(page)
  const shares = await page.getByRole('region', { name: /Where the added/ }).locator('tbody tr td:last-child').allTextContents()
  expect(shares.length).toBeGreaterThan(0)
  expect(shares.reduce((sum, share) => sum + Math.round(Number(share.replace('%', '')) * 10), 0)).toBe(1_000)
})

test('an exemplar opens at the guilty span, and its trace says which incident it belongs to', async ({ page, signedInAs }) => {
  await signedInAs('operator')
  await open(page)
  await page.getByRole('region', { name: 'Exemplar traces' }).getByRole('link').first().click()
  await expect(page).toHaveURL(/\/traces\/[0-9a-f]{32}/)
  await expect(page.getByRole('treegrid').getByRole('row', { selected: true })).toContainText('external.settle')
  await expect(page.getByRole('link', { name: new RegExp(`belongs to INC-${number}`) })).toBeVisible()
})

test('two decisions at once: the second is told of the first, and nothing typed is lost', async ({ apiAs, expectFault, page, signedInAs }) => {
  expectFault(/status of 409/)
  await signedInAs('operator')
  await open(page)
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('button', { name: 'Resolve' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Cause, and what ended it').fill('the partner is slow')
  const admin = await apiAs('admin')
  const { id, revision } = await read(admin)
  expect((await admin.post(`/api/incidents/${id}/acknowledge`, { data: { revision } })).status()).toBe(200)
  await dialog.getByRole('button', { name: 'Resolve' }).click()
  await expect(dialog.getByRole('alert')).toContainText('Somebody else decided meanwhile.')
  await expect(dialog.getByLabel('Cause, and what ended it')).toHaveValue('the partner is slow')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('main').locator('header').first()).toContainText('Acknowledged')

  await page.getByRole('button', { name: 'Take it' }).click()
  await expect(page.getByRole('main')).toContainText('taken by operator')
  await page.getByLabel('A note, or something to tell the outside').fill('Waiting for the partner.')
  await page.getByRole('button', { name: 'Leave it' }).click()
  await expect(page.getByRole('region', { name: 'Timeline' })).toContainText('Waiting for the partner.')
})

test.describe('support staff', () => {
  test.beforeEach(({ signedInAs }) => signedInAs('support'))

  test('read what to tell partners, change it, and mark whom they told', async ({ page, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await open(page, '/incidents')
    const problem = page.getByRole('article').filter({ hasText: 'Settlement' })
    await expect(problem).toContainText('Settlement')
    await expect(problem.getByRole('img', { name: /of 10 requests are hit/ })).toBeVisible()
    await expectAccessible(page)
    await problem.getByRole('link', { name: 'What to say, and answers' }).click()
    await expect(page).toHaveURL(new RegExp(`/incidents/INC-${number}$`))

    const main = page.getByRole('main')
    await expect(main).not.toContainText(names.business)
    await expect(main).not.toContainText('external.settle')
    await expect(main).not.toContainText(/p95|span/)
    const text = page.getByRole('textbox', { name: 'Say this' })
    await expect(text).toHaveValue(/Settlement/)
    await text.fill(`${await text.inputValue()} Regards.`)
    await page.getByRole('button', { name: 'Copy the text' }).first().click()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/Settlement.* Regards\.$/s)

    const consumer = page.getByRole('row').filter({ hasText: story.consumers[0]! })
    await consumer.getByRole('button', { name: 'Mark as told' }).click()
    await expect(consumer).toContainText(/told at \d\d:\d\d/)
    await expectAccessible(page)
  })

  test('tell operations what they hear, and get news of it', async ({ page, apiAs }) => {
    await open(page)
    const reports = page.getByRole('region', { name: 'Tell operations' })
    await reports.getByRole('button', { name: 'Tell operations' }).click()
    await reports.getByLabel('What should operations know?').fill('partner-shop, 14:02, response 8812')
    await reports.getByRole('button', { name: 'Send to operations' }).click()
    await expect(reports.getByRole('status')).toHaveText('Operations have been told.')
    await expect(reports.getByRole('listitem')).toContainText('partner-shop, 14:02, response 8812')
    const { full } = await read(await apiAs('operator'))
    expect(full!.timeline.filter(({ kind }) => kind === 'report').map(({ text, by }) => [text, by])).toEqual([['partner-shop, 14:02, response 8812', 'support']])

    await page.getByRole('button', { name: 'Get news' }).click()
    await expect(page.getByRole('button', { name: 'You get news' })).toHaveAttribute('aria-pressed', 'true')
    // This installation can send no mail, and says so.
    await expect(page.getByRole('status').filter({ hasText: 'no mail server' })).toBeVisible()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'You get news' }).click()
    await expect(page.getByRole('button', { name: 'Get news' })).toHaveAttribute('aria-pressed', 'false')
  })

  test('report what no incident tells, and see the answer', async ({ page, apiAs }) => {
    await open(page, '/incidents')
    await page.getByRole('button', { name: 'Tell operations' }).click()
    await page.getByLabel('What should operations know?').fill('partner-pay cannot print receipts')
    await page.getByRole('button', { name: 'Send to operations' }).click()
    const mine = page.getByRole('list', { name: 'Tell operations' }).getByRole('listitem').filter({ hasText: 'print receipts' })
    await expect(mine).toContainText('not answered yet')
    const operator = await apiAs('operator')
    const { reports } = await (await operator.get('/api/incidents')).json() as Incidents
    const { id } = reports.find(({ text }) => text.includes('print receipts'))!
    expect((await operator.put(`/api/reports/${id}/answer`, { data: { text: 'Their printer, not us.', incident: null } })).status()).toBe(200)
    await expect(mine).toContainText('Their printer, not us.')
  })

  test('find it whole without a script, on a phone too', async ({ browser, expectFault }) => {
    expectFault(/./)
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 844 }, baseURL: origin })
    const [name, value] = seeded().sessions.support.split('=', 2) as [string, string]
    await context.addCookies([{ name, value, url: origin }, { name: 'bongsu-language', value: 'ko', url: origin }])
    const page = await context.newPage()
    await page.goto(`/incidents/INC-${number}`)
    await expect(page.getByRole('main')).toContainText('정산 요청')
    await expect(page.getByRole('textbox', { name: '이렇게 안내하세요' })).toHaveValue(/정산 요청/)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    await context.close()
  })
})

test('a screen on a wall shows it by its link alone, and nothing once the link is revoked', async ({ apiAs, browser }) => {
  const api = await apiAs('admin')
  const { link, path } = await (await api.post('/api/display-links', { data: { name: 'Seoul, 3rd floor', language: 'en', days: 1 } })).json() as { link: { id: string }, path: string }
  const context = await browser.newContext({ baseURL: origin, viewport: { width: 1_920, height: 1_080 } })
  const page = await context.newPage()
  await page.goto(path)
  await expect(page).toHaveURL(`${origin}/wall`)
  await expect(page.getByRole('main')).toContainText(/INC-\d+/)
  expect(await page.getByRole('main').getByRole('button').count()).toBe(0)
  for (const other of ['/api/endpoints', '/api/traces', '/api/logs', '/api/users']) expect((await context.request.get(other)).status()).toBe(403)
  expect((await context.request.post(`/api/incidents/INC-${number}/notes`, { data: { text: 'x' }, headers: { origin } })).status()).toBe(403)

  await api.delete(`/api/display-links/${link.id}`)
  expect((await context.request.get('/api/status')).status()).toBe(401)
  await page.goto(path)
  await expect(page.getByText('This display link was revoked')).toBeVisible()
  await context.close()
})

test('it resolves by itself when the fault is gone, with the numbers right', async ({ apiAs, page, signedInAs }) => {
  test.setTimeout(300_000)
  const api = await apiAs('operator')
  isFaulty = false
  await expect.poll(async () => (await read(api)).status, { timeout: 240_000, intervals: [3_000] }).toBe('resolved')

  await expect.poll(async () => (await read(api)).full!.impact!.failed, { timeout: 30_000 }).toBe(story.sent.cut)
  const { full, resolvedBy, plain } = await read(api)
  expect(resolvedBy).toBeNull()
  for (const consumer of full!.impact!.consumers) expect({ id: consumer.id, failed: consumer.failed }).toEqual({ id: consumer.id, failed: story.sent.byConsumer[consumer.id]!.cut })
  expect(plain.consumers.map(({ told }) => told.state).sort()).toEqual(['open', 'told'])

  await signedInAs('operator')
  await open(page)
  await expect(page.getByRole('main').locator('header').first()).toContainText('Resolved')
  await expect(page.getByRole('region', { name: 'Who was hurt' })).toContainText(`${story.sent.cut.toLocaleString('en')} requests failed`)
  await expect(page.getByRole('link', { name: 'Post-mortem' })).toBeVisible()
  const csv = await (await api.get(await page.getByRole('link', { name: 'CSV' }).getAttribute('href') ?? '')).text()
  expect(csv).toContain(story.consumers[0]!)
})
