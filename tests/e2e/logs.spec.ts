import { logRequest } from '../support/otlp/build.ts'
import { hex, processCall, report, type Call } from './support/platform.ts'
import { expect, hydrated, test } from './support/test.ts'

/** A word that only this file's lines carry. */
const marker = `mark${hex(8)}`
let slow: Call

test.beforeAll(async () => {
  const now = Date.now()
  slow = processCall({ at: now - 60_000, hangs: true, marker })
  const korean = logRequest({ service: 'payment-service' }, [
    { at: 0, body: `결제실패: 외부 결제 응답 없음 ${marker}`, severity: 17, severityText: 'ERROR' },
    { at: 1, body: `주문 접수 ${marker}`, severity: 9, severityText: 'INFO' },
  ], now - 30_000).resourceLogs
  await report([slow, { spans: [], logs: korean }, ...Array.from({ length: 5 }, (_, i) => processCall({ at: now - 240_000 + i * 20_000, marker }))])
})

test.beforeEach(({ signedInAs }) => signedInAs('operator'))

const lines = '.log-lines tbody tr[data-row]'

test('words are found from their beginning, Korean ones of two syllables too, and marked', async ({ page }) => {
  await page.goto(`/logs?text=${encodeURIComponent(`결제 ${marker}`)}`)
  await expect(page.locator(lines)).toHaveCount(1)
  await expect(page.locator(`${lines} mark`).first()).toHaveText('결제')
  await page.goto(`/logs?text=${encodeURIComponent(`접수 ${marker}`)}`)
  await expect(page.locator(lines)).toHaveCount(1)
  await page.goto(`/logs?text=${encodeURIComponent(`exter ${marker}`)}&level=error`)
  await expect(page.locator(lines)).toHaveCount(1)
})

test('service, level, trace and field narrow the search, and are taken away again', async ({ page }) => {
  await page.goto(`/logs?text=${marker}&service=payment-service&level=error`)
  await expect(page.locator(lines)).toHaveCount(1)
  await page.getByRole('link', { name: 'Remove Level ERROR and worse' }).click()
  await expect(page.locator(lines)).toHaveCount(2)
  await hydrated(page)
  const box = page.getByRole('combobox', { name: 'Add a condition' })
  await page.goto(`/logs?text=${marker}`)
  await hydrated(page)
  await box.fill(`trace_id: ${slow.traceId}`)
  await box.press('Enter')
  await expect(page.locator(lines)).toHaveCount(2)
  await box.fill('exception.type = TimeoutError')
  await box.press('Enter')
  await expect(page.locator(lines)).toHaveCount(1)
})

test('an opened line keeps its place and leads into the trace', async ({ page }) => {
  await page.goto(`/logs?text=${marker}&level=error&service=business-service`)
  await hydrated(page)
  await page.locator(lines).first().click()
  await expect(page).toHaveURL(/line=/)
  await expect(page.getByText('ExternalClient.settle (external.client:118)')).toBeVisible()
  await expect(page.locator(lines).first()).toBeVisible()
  await page.getByRole('link', { name: 'Open trace at this span' }).click()
  await expect(page).toHaveURL(new RegExp(`/traces/${slow.traceId}\\?.*span=${slow.externalSpan}`))
})

test('the link of a line opens it for whoever follows it', async ({ page }) => {
  await page.goto(`/logs?text=${marker}&level=error&service=business-service`)
  await hydrated(page)
  await page.locator(lines).first().click()
  const link = await page.getByRole('link', { name: 'Link to this line' }).getAttribute('href')
  await page.goto(link!)
  await expect(page.getByText('ExternalClient.settle (external.client:118)')).toBeVisible()
})

test('a part of the histogram becomes the list', async ({ page }) => {
  await page.goto(`/logs?text=${marker}`)
  await hydrated(page)
  const all = await page.locator(lines).count()
  const chart = page.getByRole('application', { name: /Lines by time and level/ })
  const { x, y, width, height } = (await chart.boundingBox())!
  await page.mouse.move(x + width * 0.95, y + height / 2)
  await page.mouse.down()
  await page.mouse.move(x + width * 0.97, y + height / 2, { steps: 3 })
  await page.mouse.move(x + width - 1, y + height / 2, { steps: 3 })
  await page.mouse.up()
  await expect(page).toHaveURL(/area=\d+-\d+/)
  await expect(page.getByRole('link', { name: 'Clear selection' })).toBeVisible()
  expect(await page.locator(lines).count()).toBeLessThan(all)
})

test('lines come in by themselves until paused', async ({ page }) => {
  const own = `tail${hex(8)}`
  const say = (body: string) => report([{ spans: [], logs: logRequest({ service: 'payment-service' }, [{ at: 0, body: `${body} ${own}` }], Date.now() - 200).resourceLogs }])
  await say('first')
  await page.goto(`/logs?text=${own}`)
  await hydrated(page)
  await expect(page.locator(lines)).toHaveCount(1)
  await page.mouse.move(0, 0)
  await say('second')
  await expect(page.locator(lines)).toHaveCount(2, { timeout: 15_000 })
  await page.getByRole('button', { name: 'Pause' }).click()
  await say('third')
  await page.waitForTimeout(4_500)
  await expect(page.locator(lines)).toHaveCount(2)
  await page.getByRole('button', { name: 'Resume' }).click()
  await page.mouse.move(0, 0)
  await page.getByRole('heading', { name: 'Logs' }).click()
  await expect(page.locator(lines)).toHaveCount(3, { timeout: 15_000 })
})

test('a histogram that cannot be counted again stays, and says how old it is', async ({ page, expectFault }) => {
  expectFault(/503/)
  const own = `stay${hex(8)}`
  const say = () => report([{ spans: [], logs: logRequest({ service: 'payment-service' }, [{ at: 0, body: own }], Date.now() - 200).resourceLogs }])
  await say()
  await page.goto(`/logs?text=${own}`)
  await hydrated(page)
  const chart = page.getByRole('application', { name: /Lines by time and level/ })
  await expect(chart).toBeVisible()
  const problem = { type: 'about:blank', status: 503, code: 'source.unavailable', params: { source: 'elasticsearch', reason: 'refused' }, title: '', detail: '' }
  await page.route('**/api/logs/histogram*', route => route.fulfill({ status: 503, contentType: 'application/problem+json', json: problem }))
  await page.mouse.move(0, 0)
  await say()
  await expect(page.locator(lines)).toHaveCount(2, { timeout: 15_000 })
  await expect(page.getByText(/^Drawn \d+ s ago; no newer answer came$/)).toBeVisible()
  await expect(chart).toBeVisible()
  await page.unroute('**/api/logs/histogram*')
  await expect(page.getByText(/no newer answer came/)).toHaveCount(0, { timeout: 15_000 })
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('words, lines, fields and the way to the trace are all there', async ({ page }) => {
    await page.goto('/logs')
    await page.getByRole('textbox', { name: 'Words in the text' }).fill(`external ${marker}`)
    await page.getByRole('combobox', { name: 'Add a condition' }).fill('error')
    await page.getByRole('button', { name: 'Search', exact: true }).click()
    await expect(page.locator(lines)).toHaveCount(1)
    await page.getByRole('link', { name: /^Open line/ }).first().click()
    await expect(page.getByText('no response within 8000 ms').first()).toBeVisible()
    await page.getByRole('link', { name: 'Open trace at this span' }).click()
    await expect(page).toHaveURL(new RegExp(`/traces/${slow.traceId}`))
  })
})
