import { expect, type Page } from '@playwright/test'
import { afterAll, beforeAll, it } from 'vitest'
import { describeWithOurs, urlOf } from './support/backends.ts'
import { browse, setUpElasticsearch, startConnected } from './support/connected-platform.ts'
import { createSwitch, type Line } from './support/switch.ts'

/** From the return of a backend until an open page shows what comes from it, ms; then such a page takes what it takes on this machine when all is well. */
const healing = 10_000
/** From a backend's end until a page says so: what it read last is shown for 15 s at most, and an open page asks every ten, ms. */
const saying = 27_000
/** A page waits so long for what comes from elsewhere, and for a trace; then it takes what it takes when all is well, with this to spare, ms. */
const waits = { page: 1_000, trace: 3_000, spare: 1_000 }

interface Open { path: string, whole: RegExp, of?: 'trace' }

describeWithOurs('every page while a backend is away', () => {
  const names = ['zipkin', 'prometheus', 'elasticsearch'] as const
  const lines = {} as Record<typeof names[number], Awaited<ReturnType<typeof createSwitch>>>
  let connected: Awaited<ReturnType<typeof startConnected>>
  let elasticsearch: ReturnType<typeof setUpElasticsearch>
  let browser: Awaited<ReturnType<typeof browse>>
  const traces: string[] = []
  let pages: Record<typeof names[number], Open[]>

  beforeAll(async () => {
    elasticsearch = setUpElasticsearch()
    for (const name of names) lines[name] = await createSwitch(urlOf(name))
    connected = await startConnected({ rate: 2, env: Object.fromEntries(names.map(name => [`NUXT_${name.toUpperCase()}_URL`, lines[name].url])) })
    browser = await browse(connected)
    const { page } = browser
    await page.goto('/')
    // How well it is depends on what the tests before this one broke.
    await expect(page.getByRole('row').filter({ hasText: 'business-service' }).first()).toContainText(/Healthy|Degraded|Critical/, { timeout: 90_000 })
    // One for each time a trace is opened: what was read once is kept.
    await page.goto('/traces?service=api-gateway')
    const rows = page.getByRole('table', { name: 'Traces' }).locator('tbody tr')
    await expect(rows.nth(5)).toBeVisible({ timeout: 60_000 })
    for (const row of await rows.all()) traces.push((await row.getByRole('link').first().getAttribute('href'))!.split('?')[0]!)
    await page.goto('/endpoints')
    const passport = (await page.getByRole('link', { name: /\/api\/v1\/process/ }).first().getAttribute('href'))!.split('?')[0]!
    pages = {
      zipkin: [
        { path: '/traces', whole: /GET|POST/ },
        { path: 'a trace', whole: /Critical path/, of: 'trace' },
        { path: passport, whole: /business-service/ },
      ],
      prometheus: [
        { path: '/?range=15m', whole: /(?:Healthy|Degraded|Critical)\s*api-gateway/ },
        { path: '/services/api-gateway?range=15m', whole: /\/api\/v1\/process/ },
        { path: `${passport}?range=15m`, whole: /partner-shop/ },
        { path: '/map?range=15m', whole: /api-gateway.*business-service/s },
        { path: '/metrics?query=sum(up)&mode=instant', whole: /1 series|\bsum\b/ },
      ],
      elasticsearch: [
        { path: '/logs', whole: /calling external-api|api-gateway/ },
        { path: 'a trace', whole: /Logs of this trace\s*\d+/, of: 'trace' },
      ],
    }
  }, 300_000)
  afterAll(async () => {
    await browser?.close()
    await connected?.stop()
    for (const name of names) await lines[name]?.close()
    await elasticsearch?.remove()
  })

  const products = { zipkin: 'Zipkin', prometheus: 'Prometheus', elasticsearch: 'Elasticsearch' }

  async function visit(open: Open) {
    const page = await browser.page.context().newPage()
    const began = performance.now()
    const answer = await page.goto(open.of === 'trace' ? traces.pop()! : open.path, { waitUntil: 'commit' })
    return { page, open, took: performance.now() - began, status: answer?.status() }
  }

  /** Until a page shows what comes from elsewhere, and complains of nothing. */
  async function wholeFrom(began: number, page: Page, whole: RegExp, timeout: number): Promise<number> {
    const main = page.getByRole('main')
    await expect(main, page.url()).toContainText(whole, { timeout })
    await expect(main, page.url()).not.toContainText(/does not answer|refuses|in time|left alone|not answered yet/, { timeout })
    return performance.now() - began
  }

  // What else the machine has to do in these seconds counts, too: hence again, and measured by what it takes to write a page.
  it.for(names.flatMap(name => (['refused', 'hanging'] as Line[]).map(line => [name, line] as const)))('%s %s: pages answer in time, say so, and heal by themselves', { timeout: 180_000, retry: 2 }, async ([name, line], { annotate, onTestFinished }) => {
    const tabs: Awaited<ReturnType<typeof visit>>[] = []
    onTestFinished(async () => void await Promise.all(tabs.map(({ page }) => page.close())))
    const usual: { took: number, whole: number }[] = []
    for (const open of pages[name]) {
      const began = performance.now()
      // A trace that was read once is kept.
      const { page, took } = await visit(open.of === 'trace' ? { path: '/traces', whole: /GET|POST/ } : open)
      usual.push({ took, whole: await wholeFrom(began, page, open.of === 'trace' ? /GET|POST/ : open.whole, 30_000) })
      await page.close()
    }
    await lines[name].to(line)
    try {
      for (const open of pages[name]) tabs.push(await visit(open))
      const late = tabs.filter(({ took, open }, i) => took > waits[open.of ?? 'page'] + usual[i]!.took + waits.spare)
      expect(late.map(({ open, took }) => `${open.path} ${Math.round(took)}`)).toEqual([])
      expect(tabs.map(({ status }) => status)).toEqual(tabs.map(() => 200))
      for (const { page, open } of tabs) await expect(page.getByRole('main'), open.path).toContainText(products[name], { timeout: saying })
    }
    finally {
      await lines[name].to('through')
    }
    const back = performance.now()
    const bar = healing + 2 * Math.max(...usual.map(({ whole }) => whole))
    const healed = await Promise.all(tabs.map(({ page, open }) => wholeFrom(back, page, open.whole, bar + 5_000)))
    await annotate(`healed after ${healed.map(ms => Math.round(ms)).join(', ')} ms; answered within ${tabs.map(({ took }) => Math.round(took)).join(', ')} ms, when all is well within ${usual.map(({ took, whole }) => `${Math.round(took)}, whole ${Math.round(whole)}`).join('; ')} ms`)
    expect(Math.max(...healed)).toBeLessThan(bar)
  })
})
