import { hex, processCall, report, type Call } from './support/platform.ts'
import { expect, hydrated, test } from './support/test.ts'

/** A gateway of this file's own, so that other tests' traffic is not in the way. */
const service = `shop-${hex(6)}`
let slow: Call

test.beforeAll(async () => {
  const now = Date.now()
  slow = processCall({ at: now - 40_000, hangs: true, service })
  await report([
    ...Array.from({ length: 30 }, (_, i) => processCall({ at: now - 300_000 + i * 6_000, service, consumer: i % 2 ? 'partner-shop' : 'mobile-app' })),
    ...Array.from({ length: 14 }, (_, i) => processCall({ at: now - 110_000 + i * 4_000, hangs: true, service })),
    slow,
  ])
})

test.beforeEach(({ signedInAs }) => signedInAs('operator'))

test('a search is made of conditions that can be taken away', async ({ page }) => {
  await page.goto(`/traces?service=${service}&failed=true`)
  await expect(page.getByText('15 found')).toBeVisible()
  const rows = page.getByRole('table', { name: 'Traces' }).locator('tbody tr')
  await expect(rows).toHaveCount(15)
  await expect(rows.first()).toContainText('502')

  await page.getByRole('link', { name: 'Remove Outcome failed only' }).click()
  await expect(page.getByText('45 found')).toBeVisible()
  expect(new URL(page.url()).searchParams.get('failed')).toBeNull()
})

test('a condition is added as it is written', async ({ page }) => {
  await page.goto(`/traces?service=${service}`)
  await hydrated(page)
  const box = page.getByRole('combobox', { name: 'Add a condition or go to a trace' })
  await box.fill('> 5 s')
  await box.press('Enter')
  await expect(page.getByText('15 found')).toBeVisible()
  await box.fill('something unheard of')
  await box.press('Enter')
  await expect(page.getByRole('alert')).toContainText('something unheard of')
})

for (const [form, pasted] of [['traceparent', (call: Call) => `00-${call.traceId}-${call.externalSpan}-01`], ['log line', (call: Call) => `ERROR [trace_id=${call.traceId.toUpperCase()}] call failed`]] as const) {
  test(`a trace id in a ${form} leads to its trace`, async ({ page }) => {
    await page.goto('/traces')
    await hydrated(page)
    const box = page.getByRole('combobox', { name: 'Add a condition or go to a trace' })
    await box.fill(pasted(slow))
    await box.press('Enter')
    await expect(page).toHaveURL(new RegExp(`/traces/${slow.traceId}`))
  })
}

test('a region drawn on the chart becomes the list and says what sets it apart', async ({ page }) => {
  await page.goto(`/traces?service=${service}`)
  await hydrated(page)
  const chart = page.getByRole('application', { name: /Traces by time and duration/ })
  const { x, y, width, height } = (await chart.boundingBox())!
  await page.mouse.move(x + width * 0.5, y + 2)
  await page.mouse.down()
  await page.mouse.move(x + width * 0.8, y + height * 0.2, { steps: 4 })
  await page.mouse.move(x + width - 1, y + height * 0.3, { steps: 4 })
  await page.mouse.up()

  const selection = page.getByRole('region', { name: 'Selected' })
  await expect(selection).toContainText('Selected 15')
  await expect(selection).toContainText(/error\.type = \S+ ?100% against 0\.00%/)
  expect(new URL(page.url()).searchParams.get('area')).toMatch(/^\d+-\d+-\d+-\d+$/)

  await selection.getByRole('link', { name: 'Clear selection' }).click()
  await expect(page.getByText('45 found')).toBeVisible()
})

test('the same region is drawn with the keyboard', async ({ page }) => {
  await page.goto(`/traces?service=${service}`)
  await hydrated(page)
  const chart = page.getByRole('application', { name: /Traces by time and duration/ })
  await chart.focus()
  await chart.press('ArrowRight')
  for (let i = 0; i < 25; i++) await chart.press('Shift+ArrowRight')
  await chart.press('Enter')
  await expect(page.getByRole('region', { name: 'Selected' })).toContainText(/Selected \d+/)
  await page.getByRole('application', { name: /Traces by time and duration/ }).press('Escape')
  await expect(page).not.toHaveURL(/area=/)
})

test('rows are walked with j and k and opened with enter', async ({ page }) => {
  await page.goto(`/traces?service=${service}`)
  await hydrated(page)
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('k')
  const first = page.getByRole('table', { name: 'Traces' }).locator('tbody tr').first().getByRole('link')
  await expect(first).toBeFocused()
  const href = await first.getAttribute('href')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(href!.split('?')[0]!))
})

test('nothing found names the one condition whose removal finds most', async ({ page }) => {
  await page.goto(`/traces?service=${service}&consumer=nobody-at-all`)
  await expect(page.getByText('Without Consumer nobody-at-all there are 45.')).toBeVisible()
  await page.getByRole('link', { name: 'Search without it' }).click()
  await expect(page.getByText('45 found')).toBeVisible()
})

test('pages follow each other without gap or repeat while new traces arrive', async ({ apiAs }) => {
  const api = await apiAs('operator')
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await (await api.get('/api/traces', { params: { service, limit: 10, ...(cursor && { cursor }) } })).json() as { traces: { traceId: string }[], next?: string }
    seen.push(...page.traces.map(trace => trace.traceId))
    cursor = page.next
    if (seen.length === 10) await report([processCall({ at: Date.now() - 500, service })])
  } while (cursor)
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen).toHaveLength(45)
})

test('new traces come in while nobody reads, and wait while somebody does', async ({ page }) => {
  const own = `shop-${hex(6)}`
  await report([processCall({ at: Date.now() - 20_000, service: own })])
  await page.goto(`/traces?service=${own}`)
  await hydrated(page)
  const rows = page.getByRole('table', { name: 'Traces' }).locator('tbody tr')
  await expect(rows).toHaveCount(1)
  await rows.first().hover()
  await report([processCall({ at: Date.now() - 1_000, service: own })])
  const waiting = page.getByRole('button', { name: '1 new trace' })
  await expect(waiting).toBeVisible({ timeout: 15_000 })
  await expect(rows).toHaveCount(1)
  await waiting.click()
  await expect(rows).toHaveCount(2)
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('the chart, the rows, the conditions and the box all work', async ({ page }) => {
    await page.goto(`/traces?service=${service}&failed=true`)
    await expect(page.getByRole('table', { name: 'Traces' }).first().locator('tbody tr')).toHaveCount(15)
    await expect(page.locator('svg path[stroke="var(--fire-3)"]').first()).toBeVisible()
    await page.getByRole('combobox', { name: 'Add a condition or go to a trace' }).fill('consumer = partner-shop')
    await page.getByRole('button', { name: 'Search', exact: true }).click()
    await expect(page).toHaveURL(/consumer=partner-shop/)
    await page.getByRole('link', { name: 'Remove Outcome failed only' }).click()
    await expect(page).not.toHaveURL(/failed/)
  })
})
