import { gzipSync } from 'node:zlib'
import { chromium, type Browser, type Page } from '@playwright/test'
import { makeTrace } from './limit-page/columns.ts'
import { serveLimitPage } from './limit-page/server.ts'
import { startApp, type BenchApp } from './support/app.ts'
import { sendTrace } from './support/send-trace.ts'
import { median, type Figure } from './support/report.ts'

const sizes = [1_000, 10_000, 50_000, 100_000]
const rounds = 5
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--enable-precise-memory-info', '--js-flags=--expose-gc']

/** Where to find the same things on both pages. */
interface Target {
  url: (size: number) => string
  cookie?: { url: string, value: string }
  row: string
  toggle: string
  scroller: string
}

/**
 * The trace page against the limit page, in turns, one browser: first row, first fold shown, expanding a subtree, what
 * a frame of scrolling costs, blank frames, heap, elements, bytes of script.
 */
export async function run(): Promise<Figure[]> {
  const traces = new Map(sizes.map(size => [size, makeTrace(size)]))
  const limit = await serveLimitPage(traces)
  const app = await startApp({ NUXT_LOG_LEVEL: 'info' })
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH || '/usr/bin/chromium', args: flags })
  try {
    const start = new Date(Date.now() - 10 * 60_000)
    for (const [size, trace] of traces) await sendTrace(app, traceIdOf(size), trace, start)
    const targets = {
      limit: { url: (size: number) => `${limit.origin}/${size}`, row: '.row:not([hidden])', toggle: '.row button', scroller: 'main' } satisfies Target,
      app: { url: (size: number) => `${app.origin}/traces/${traceIdOf(size)}`, cookie: { url: app.origin, value: app.cookie }, row: '[role=row][data-span]', toggle: '[role=row][data-span] [data-toggle]', scroller: '[data-waterfall-scroll]' } satisfies Target,
    }
    return await measureAll(browser, app, targets)
  }
  finally {
    await browser.close()
    await app.close()
    limit.close()
  }
}

async function measureAll(browser: Browser, app: BenchApp, targets: { limit: Target, app: Target }): Promise<Figure[]> {
  // The server keeps a packed trace; what a reader meets second is warm.
  for (const size of sizes) for (const target of Object.values(targets)) await open(browser, target, size)

  const warm = await interleave(browser, targets, 10_000, false)
  const cold = await interleave(browser, targets, 10_000, true)
  const own = { small: [] as Opened[], large: [] as Opened[] }
  for (let round = 0; round < rounds; round++) {
    own.small.push(await open(browser, targets.app, 1_000))
    own.large.push(await open(browser, targets.app, 100_000))
  }
  const worked = { app: await work(browser, targets.app, 10_000), limit: await work(browser, targets.limit, 10_000), large: await work(browser, targets.app, 50_000) }
  const script = await scriptBytes(browser, app, targets.app)

  const ratio = (a: number[], b: number[]) => median(a.map((value, i) => value / b[i]!))
  return [
    { name: 'first row, 10k spans, warm ÷ limit page', value: ratio(warm.app.map(o => o.firstRow), warm.limit.map(o => o.firstRow)), must: 2.4 },
    { name: 'first row, 10k spans, cold browser ÷ limit page', value: ratio(cold.app.map(o => o.firstRow), cold.limit.map(o => o.firstRow)), must: 3.3 },
    { name: 'first row, own 100k ÷ own 1k', value: ratio(own.large.map(o => o.firstRow), own.small.map(o => o.firstRow)), must: 1.5 },
    { name: 'interactive (first fold shown), 10k ÷ limit page', value: ratio(warm.app.map(o => o.interactive), warm.limit.map(o => o.interactive)), must: 3.3 },
    { name: 'expand one subtree, 10k, ms', value: worked.app.expand, must: 60 },
    { name: 'expand one subtree, 50k, ms', value: worked.large.expand, must: 60 },
    { name: 'scroll CPU per frame ÷ limit page', value: worked.app.scrollCpu / worked.limit.scrollCpu, must: 1.25 },
    { name: 'blank frames while scrolling', value: worked.app.blank, must: 0 },
    { name: 'JS heap 10k, MB', value: worked.app.heap, must: 15 },
    { name: 'JS heap 100k, MB', value: median(own.large.map(o => o.heap)), must: 22 },
    { name: 'DOM elements, 100k', value: Math.max(...own.large.map(o => o.elements)), must: 1_500 },
    { name: 'script on the trace page, gzip KB', value: script / 1_000, must: 180 },
    { name: 'first row, 10k spans, warm, ms', value: median(warm.app.map(o => o.firstRow)) },
    { name: 'the same on the limit page, ms', value: median(warm.limit.map(o => o.firstRow)) },
  ]
}

interface Opened { firstRow: number, interactive: number, heap: number, elements: number }

async function interleave(browser: Browser, targets: { limit: Target, app: Target }, size: number, cold: boolean) {
  const opened = { limit: [] as Opened[], app: [] as Opened[] }
  for (let round = 0; round < rounds; round++) {
    for (const name of ['limit', 'app'] as const) opened[name].push(await open(browser, targets[name], size, cold))
  }
  return opened
}

/** A fresh context is a cold browser; warm has been on the page before, with its scripts in the cache. */
async function open(browser: Browser, target: Target, size: number, cold = false): Promise<Opened> {
  const page = await pageFor(browser, target)
  try {
    if (!cold) await page.goto(target.url(size), { waitUntil: 'load' })
    await watchFirstRow(page, target)
    await page.goto(target.url(size), { waitUntil: 'commit' })
    await page.waitForFunction(() => (window as unknown as { firstRow?: number }).firstRow !== undefined)
    // Interactive is when the first fold shows: clicked again and again until the rows change, as a person would.
    const interactive = await page.evaluate(async ({ row, toggle }) => {
      const before = document.querySelectorAll(row).length && document.querySelectorAll(row)[1]!.textContent
      for (;;) {
        document.querySelector<HTMLElement>(toggle)?.click()
        await new Promise(requestAnimationFrame)
        await new Promise(done => setTimeout(done))
        if (document.querySelectorAll(row)[1]?.textContent !== before) return performance.now()
      }
    }, { row: target.row, toggle: target.toggle })
    const firstRow = await page.evaluate(() => (window as unknown as { firstRow: number }).firstRow)
    const { heap, elements } = await page.evaluate(() => {
      for (let i = 0; i < 2; i++) (globalThis as unknown as { gc?: () => void }).gc?.()
      return { heap: (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize / 1e6, elements: document.querySelectorAll('*').length }
    })
    return { firstRow, interactive, heap, elements }
  }
  finally {
    await page.context().close()
  }
}

/** Expanding, and scrolling by 1,200 px a frame for two seconds. */
async function work(browser: Browser, target: Target, size: number) {
  const page = await pageFor(browser, target)
  try {
    await page.goto(target.url(size), { waitUntil: 'load' })
    await page.waitForSelector(target.row)
    await page.waitForTimeout(1_500)
    const expand = await page.evaluate(async ({ toggle, row }) => {
      const times: number[] = []
      const change = async () => {
        const before = document.querySelectorAll(row)[2]?.textContent
        const start = performance.now()
        document.querySelectorAll<HTMLElement>(toggle)[1]!.click()
        for (let frame = 0; frame < 120 && document.querySelectorAll(row)[2]?.textContent === before; frame++) await new Promise(requestAnimationFrame)
        return performance.now() - start
      }
      for (let i = 0; i < 7; i++) {
        await change()
        times.push(await change())
      }
      return times.sort((a, b) => a - b)[3]!
    }, { toggle: target.toggle, row: target.row })

    const client = await page.context().newCDPSession(page)
    // The thread's own clock: by the wall, waiting for the compositor would count as work.
    await client.send('Performance.setTimeDomain', { timeDomain: 'threadTicks' })
    await client.send('Performance.enable')
    const cpu = async () => (await client.send('Performance.getMetrics')).metrics.find(metric => metric.name === 'TaskDuration')!.value * 1_000
    const before = await cpu()
    const { frames, blank } = await page.evaluate(async ({ scroller, row }) => {
      const element = document.querySelector<HTMLElement>(scroller)!
      const box = element.getBoundingClientRect()
      let frames = 0
      let blank = 0
      const end = performance.now() + 2_000
      let direction = 1
      while (performance.now() < end) {
        if (element.scrollTop + element.clientHeight >= element.scrollHeight - 2) direction = -1
        if (element.scrollTop <= 0) direction = 1
        element.scrollTop += 1_200 * direction
        await new Promise(requestAnimationFrame)
        await new Promise(done => setTimeout(done))
        frames++
        const covered = [...document.querySelectorAll(row)].some((candidate) => {
          const { top, bottom } = candidate.getBoundingClientRect()
          return bottom > box.top + box.height / 2 && top <= box.top + box.height / 2
        })
        if (!covered) blank++
      }
      return { frames, blank }
    }, { scroller: target.scroller, row: target.row })
    const scrollCpu = (await cpu() - before) / frames
    const heap = await page.evaluate(() => {
      (globalThis as unknown as { gc?: () => void }).gc?.()
      return (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize / 1e6
    })
    return { expand, scrollCpu, blank, heap }
  }
  finally {
    await page.context().close()
  }
}

async function scriptBytes(browser: Browser, app: BenchApp, target: Target): Promise<number> {
  const page = await pageFor(browser, target)
  const bodies: Promise<Buffer>[] = []
  page.on('response', (response) => {
    if (response.url().startsWith(app.origin) && response.request().resourceType() === 'script') bodies.push(response.body())
  })
  await page.goto(target.url(10_000), { waitUntil: 'load' })
  // The page keeps a stream open and is never without traffic: what it fetches when idle has come by then.
  await page.waitForTimeout(4_000)
  const bytes = (await Promise.all(bodies)).reduce((sum, body) => sum + gzipSync(body).length, 0)
  await page.context().close()
  return bytes
}

async function pageFor(browser: Browser, target: Target): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  if (target.cookie) {
    const [name, value] = target.cookie.value.split('=') as [string, string]
    await context.addCookies([{ name, value, url: target.cookie.url }])
  }
  return context.newPage()
}

/** Notes when the first row has been painted: the frame after it is in the document. */
function watchFirstRow(page: Page, { row }: Target): Promise<unknown> {
  return page.addInitScript((selector) => {
    const look = () => {
      if (!document.querySelector(selector)) return requestAnimationFrame(look)
      requestAnimationFrame(() => setTimeout(() => Object.assign(window, { firstRow: performance.now() })))
    }
    look()
  }, row)
}

const traceIdOf = (size: number) => size.toString(16).padStart(32, 'b')
