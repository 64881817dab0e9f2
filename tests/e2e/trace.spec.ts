import type { Locator, Page } from '@playwright/test'
import { expectAccessible } from './support/accessible.ts'
import { traceRequest } from '../support/otlp/build.ts'
import { orderTrace, type OrderTrace } from './support/order-trace.ts'
import { hex, report } from './support/platform.ts'
import { expect, hydrated, test } from './support/test.ts'

/** A gateway of this file's own, so that other tests' traffic is not in the way. */
const service = `orders-${hex(6)}`
let trace: OrderTrace

test.beforeAll(async () => {
  // Long enough ago to be final: nothing on the page moves by itself.
  trace = orderTrace({ at: Date.now() - 600_000, service })
  await report([trace])
})

const grid = (page: Page) => page.getByRole('treegrid', { name: 'Spans of the trace' })
const rowOf = (page: Page, span: string) => grid(page).locator(`[role=row][data-span^="${span}"]`)
const panel = (page: Page) => page.getByRole('complementary').filter({ has: page.getByRole('heading', { level: 2 }) })
const query = (page: Page) => new URL(page.url()).searchParams

/** The page with the whole tree there, and the keyboard in it. */
async function open(page: Page, search = '', { traceId } = trace): Promise<Locator> {
  await page.goto(`/traces/${traceId}${search}`)
  await hydrated(page)
  await expect(grid(page).getByRole('row').first()).toHaveCSS('position', 'absolute')
  await grid(page).focus()
  return grid(page)
}

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('the verdict, the critical path and the rows are in the page', async ({ page, signedInAs }) => {
    await signedInAs('operator')
    await page.goto(`/traces/${trace.traceId}`)
    await expect(page.getByRole('heading', { name: `${service}-business gave up on ${service}-external after exactly 8.00 s` })).toBeVisible()
    await expect(page.getByRole('list', { name: 'Critical path' }).getByRole('listitem').first()).toContainText(/8\.0\d s.*\d\d\.\d%/)
    const rows = grid(page).getByRole('row')
    await expect(rows.first()).toHaveAccessibleName(new RegExp(`^${service}, POST /orders/\\{id\\}, 8\\.42 s, 100%`))
    await expect(rowOf(page, trace.ids.call)).toHaveAccessibleName(/external\.call, 8\.00 s.*origin/)
    await expect(rowOf(page, trace.ids.lookups)).toContainText('12 ×')
    await expect(rowOf(page, trace.ids.settle)).toBeVisible()
    await expect(rows.filter({ hasText: 'external call failed: TimeoutError' })).toBeVisible()
    const [row, bar] = await Promise.all([rowOf(page, trace.ids.call).boundingBox(), rowOf(page, trace.ids.call).locator('.trace-bar').boundingBox()])
    expect(bar!.width).toBeGreaterThan(row!.width * 0.2)
  })
})

test.describe('with JavaScript', () => {
  test.beforeEach(({ signedInAs }) => signedInAs('operator'))

  test('rows are walked, folded and unfolded by keys, as a tree says of itself', async ({ page }) => {
    const tree = await open(page)
    const current = () => tree.evaluate(element => document.getElementById(element.getAttribute('aria-activedescendant') ?? '')?.getAttribute('data-span'))
    await expect(rowOf(page, trace.ids.root)).toHaveAttribute('aria-level', '1')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    expect(await current()).toContain(trace.ids.toBusiness)

    await page.keyboard.press('ArrowLeft')
    await expect(rowOf(page, trace.ids.toBusiness)).toHaveAttribute('aria-expanded', 'false')
    await expect(rowOf(page, trace.ids.call)).toHaveCount(0)
    expect(query(page).get('fold')).toContain(trace.ids.toBusiness)
    await page.keyboard.press('ArrowLeft')
    expect(await current()).toContain(trace.ids.manual)

    await page.goBack()
    await expect(rowOf(page, trace.ids.call)).toBeVisible()
    await page.goForward()
    await expect(rowOf(page, trace.ids.call)).toHaveCount(0)
    await page.reload()
    await hydrated(page)
    await expect(rowOf(page, trace.ids.call)).toHaveCount(0)

    await rowOf(page, trace.ids.toBusiness).getByRole('button').click()
    await expect(rowOf(page, trace.ids.call)).toBeVisible()
    await grid(page).focus()
    await page.keyboard.press('End')
    expect(await current()).toContain(trace.ids.settle)
    await page.keyboard.press('Home')
    expect(await current()).toContain(trace.ids.root)
  })

  test('levels close and open from below, in the URL', async ({ page }) => {
    await open(page)
    await page.keyboard.press('[')
    await expect(rowOf(page, trace.ids.settle)).toHaveCount(0)
    await expect(rowOf(page, trace.ids.external)).toContainText('one inside')
    await page.keyboard.press('[')
    await expect(rowOf(page, trace.ids.external)).toHaveCount(0)
    expect(query(page).get('level')).toBe('5')
    await page.reload()
    await hydrated(page)
    await expect(rowOf(page, trace.ids.call)).toBeVisible()
    await expect(rowOf(page, trace.ids.external)).toHaveCount(0)
    await grid(page).focus()
    await page.keyboard.press(']')
    await page.keyboard.press(']')
    await expect(rowOf(page, trace.ids.settle)).toBeVisible()
    expect(query(page).has('level')).toBe(false)
  })

  test('a span opens with its attributes and lines, by link as well, and back closes it', async ({ page }) => {
    await open(page)
    await rowOf(page, trace.ids.call).click()
    const opened = panel(page)
    await expect(opened.getByRole('heading', { name: 'external.call' })).toBeVisible()
    await expect(opened).toContainText('Origin of the error.')
    await expect(opened.getByRole('term').filter({ hasText: 'server.address' })).toBeVisible()
    await expect(opened.getByRole('definition').filter({ hasText: `${service}-external` })).toBeVisible()
    await expect(opened.getByRole('listitem').filter({ hasText: 'calling external, timeout=8000' })).toContainText('+380 ms')
    await expect(opened.getByRole('listitem')).toHaveCount(2)
    expect(query(page).get('span')).toContain(trace.ids.call)
    await expectAccessible(page)

    await page.reload()
    await hydrated(page)
    await expect(opened.getByRole('listitem')).toHaveCount(2)
    await expect(rowOf(page, trace.ids.call)).toHaveAttribute('aria-selected', 'true')
    await page.goBack()
    await expect(opened).toHaveCount(0)

    await grid(page).focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('Enter')
    await expect(opened.getByRole('heading', { name: 'POST /orders/{id}' })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(opened).toHaveCount(0)
  })

  test('a span is placed among the calls of the day before, in words and in a picture', async ({ page }) => {
    const own = `among-${hex(6)}`
    const slow = orderTrace({ at: Date.now() - 600_000, service: own })
    await report([...Array.from({ length: 30 }, (_, i) => orderTrace({ at: Date.now() - 1_200_000 + i * 5_000, service: own, slow: false })), slow])
    await open(page, `?span=${slow.ids.call}`, slow)
    await expect(panel(page)).toContainText('Slower than all of 30 calls in the 24 h before.')
    await expect(panel(page).getByRole('img', { name: /^Calls took from 1\d\d ms to 8\.\d\d s: p50 1[45]\d ms, p95 1[45]\d ms, p99 1[45]\d ms\. This span: 8\.00 s\.$/ })).toBeVisible()
    await expect(panel(page).getByRole('heading', { level: 2 })).toHaveText(`external.call → ${own}-external`)
    await rowOf(page, slow.ids.settle).click()
    await expect(panel(page)).toContainText('Slower than all of 30 calls')
    await expectAccessible(page)
  })

  test('a fold says in what its spans are alike and differ, and that the cause is elsewhere', async ({ page }) => {
    await open(page)
    await rowOf(page, trace.ids.lookups).click()
    const opened = panel(page)
    await expect(opened.getByRole('heading', { level: 2 })).toHaveText(/^12 × SELECT order_items/)
    const valueOf = (key: string) => opened.locator('dt', { hasText: key }).locator('xpath=following-sibling::dd[1]')
    await expect(opened.getByRole('heading', { name: 'Same in all 12' })).toBeVisible()
    await expect(valueOf('db.query.text')).toContainText('SELECT * FROM order_items WHERE order_id = ?')
    await expect(opened.getByRole('heading', { name: 'Differs' })).toBeVisible()
    await expect(valueOf('db.response.returned_rows')).toContainText('1 to 12')
    await expect(valueOf('order.id')).toContainText('12 values')

    await expect(opened.getByRole('heading', { name: 'Not the cause here' })).toBeVisible()
    await expect(opened).toContainText(`310 ms of 8.42 s. The wait for ${service}-external starts at +380 ms and lasts 8.00 s.`)
    await expectAccessible(page)
    await opened.getByRole('button', { name: 'Go to the origin of the error' }).click()
    await expect.poll(() => query(page).get('span')).toContain(trace.ids.call)
    await expect(opened.getByRole('heading', { name: 'external.call' })).toBeVisible()
    await expect(opened).not.toContainText('Not the cause here')
  })

  test('the first error asked for is where it began; then they follow in order, round and round', async ({ page }) => {
    await open(page)
    await expect(page.getByText('of 4 error spans').filter({ visible: true })).toBeVisible()
    const chosen = () => query(page).get('span')
    await page.keyboard.press('e')
    await expect.poll(chosen).toContain(trace.ids.call)
    await page.keyboard.press('e')
    await expect.poll(chosen).toContain(trace.ids.root)
    await page.keyboard.press('Shift+E')
    await expect.poll(chosen).toContain(trace.ids.call)
    await page.getByRole('button', { name: 'Previous error' }).click()
    await expect.poll(chosen).toContain(trace.ids.business)
    await page.getByRole('button', { name: 'Next error' }).click()
    await expect.poll(chosen).toContain(trace.ids.call)
  })

  test('words are found in the spans, one hit after the other, folded ones too', async ({ page }) => {
    await open(page)
    await page.keyboard.press('/')
    const box = page.getByRole('searchbox', { name: 'Find in spans' })
    await expect(box).toBeFocused()
    await box.fill('settle')
    await expect(page.getByText('2 hits')).toBeVisible()
    await box.press('Enter')
    await expect(page.getByText('1 of 2')).toBeVisible()
    await expect.poll(() => query(page).get('span')).toContain(trace.ids.external)
    await page.reload()
    await hydrated(page)
    await expect(box).toHaveValue('settle')
    await expect(page.getByText('1 of 2')).toBeVisible()

    await box.fill('select')
    await box.press('Enter')
    await expect(rowOf(page, trace.lookups[0]!).filter({ hasNotText: '12 ×' })).toBeVisible()
    await box.press('Escape')
    await expect(box).toHaveValue('')
    expect(query(page).has('find')).toBe(false)
  })

  test('a window is drawn on the overview, moved by keys, kept in the URL and left again', async ({ page }) => {
    await open(page)
    const map = page.getByTitle('Overview of the trace; drag to zoom')
    const { x, y, width, height } = (await map.boundingBox())!
    await page.mouse.move(x + width * 0.03, y + height / 2)
    await page.mouse.down()
    await page.mouse.move(x + width * 0.08, y + height / 2, { steps: 4 })
    await page.mouse.up()
    const zoom = () => query(page).get('zoom')?.split('-').map(Number)
    await expect.poll(zoom).toHaveLength(2)
    const [from, to] = zoom()!
    expect(to! - from!).toBeLessThan(1_000_000)
    await expect(map).toContainText(/ms to 1\.0\d s, \d\.\d+%/)
    // What goes on past the edge keeps its whole duration.
    await expect(rowOf(page, trace.ids.root)).toContainText('8.42 s ›')

    const end = page.getByRole('slider', { name: 'End of the window' })
    await end.press('ArrowRight')
    await expect.poll(() => zoom()?.[1]).toBeGreaterThan(to!)
    await page.reload()
    await hydrated(page)
    await expect(rowOf(page, trace.ids.root)).toContainText('8.42 s ›')
    await page.goBack()
    await expect.poll(() => zoom()?.[1]).toBe(to)
    await grid(page).focus()
    await page.keyboard.press('0')
    await expect.poll(zoom).toBeUndefined()
    await expect(rowOf(page, trace.ids.root)).not.toContainText('›')

    await page.keyboard.press('e')
    await page.keyboard.press('z')
    await expect.poll(() => zoom()?.[0] ?? Infinity).toBeLessThanOrEqual(380_000)
  })

  test('the critical path is listed by service, leads to its spans and is walked by key', async ({ page }) => {
    await open(page)
    const list = page.getByRole('list', { name: 'Critical path' })
    await expect(list.getByRole('listitem')).toHaveCount(3)
    const shares = (await list.getByRole('listitem').allInnerTexts()).map(text => Number(/([\d.]+)%/.exec(text)![1]))
    expect(shares).toEqual(shares.toSorted((a, b) => b - a))
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, 0)
    await list.getByRole('button').first().click()
    await expect.poll(() => query(page).get('span')).toContain(trace.ids.settle)
    await grid(page).focus()
    await page.keyboard.press('p')
    await expect.poll(() => query(page).get('span')).toContain(trace.ids.root)

    await expect(rowOf(page, trace.ids.root).locator('.trace-path')).toHaveCount(1)
    await page.keyboard.press('c')
    await expect(rowOf(page, trace.ids.root).locator('.trace-path')).toHaveCount(0)
    expect(query(page).get('path')).toBe('off')
  })

  test('a list that flies past shows glimpses, and every row in full where it comes to rest', async ({ page }) => {
    const at = Date.now() - 600_000
    const [traceId, root] = [hex(32), hex(16)]
    const steps = Array.from({ length: 1_500 }, (_, i) => ({ traceId, spanId: hex(16), parentSpanId: root, name: `step ${i}`, from: i, to: i + 1 }))
    await report([{ spans: traceRequest({ service }, [{ traceId, spanId: root, name: 'GET /steps', kind: 2, from: 0, to: 1_500 }, ...steps], at).resourceSpans, logs: [] }])
    const tree = await open(page, '', { ...trace, traceId })
    const seen = await tree.evaluate(async (list) => {
      const frames: { glimpses: number, rows: number }[] = []
      for (let frame = 0; frame < 12; frame++) {
        list.scrollTop += 1_500
        await new Promise(requestAnimationFrame)
        await new Promise(done => setTimeout(done))
        frames.push({ glimpses: list.querySelectorAll('.trace-glimpse').length, rows: list.querySelectorAll('[role=row]').length })
      }
      return frames
    })
    expect(seen[0]!.glimpses).toBe(0)
    expect(seen.at(-1)!.glimpses).toBeGreaterThan(20)
    expect(seen.every(({ rows }) => rows > 20)).toBe(true)
    await expect(tree.locator('.trace-glimpse')).toHaveCount(0)
    await expect(tree.getByRole('row').nth(20)).toHaveAccessibleName(/step \d+, 1 ms, .* of the request/)
  })

  test('a trace grows on the page while it settles', async ({ page }) => {
    const growing = orderTrace({ at: Date.now() - 12_000, service })
    const [gateway, ...rest] = growing.spans
    await report([{ spans: [gateway!], logs: [] }])
    await open(page, '', growing)
    await expect(page.getByText('Still arriving')).toBeVisible()
    await rowOf(page, growing.ids.toBusiness).click()
    await expect(rowOf(page, growing.ids.settle)).toHaveCount(0)
    await page.evaluate(() => ((window as { kept?: boolean }).kept = true))

    await report([{ spans: rest, logs: growing.logs }])
    await expect(rowOf(page, growing.ids.settle)).toBeVisible({ timeout: 15_000 })
    await expect(page.getByRole('heading', { name: /gave up on/ })).toBeVisible()
    await expect(rowOf(page, growing.ids.toBusiness)).toHaveAttribute('aria-selected', 'true')
    expect(await page.evaluate(() => (window as { kept?: boolean }).kept)).toBe(true)
  })
})
