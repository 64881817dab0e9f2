import { logRequest, traceRequest } from '../support/otlp/build.ts'
import { deliver, hex } from './support/platform.ts'
import { corpus } from './support/hostile-corpus.ts'
import { expect, hydrated, test } from './support/test.ts'

const traceId = hex(32)
const marker = `hostile${hex(6)}`

test.beforeAll(async () => {
  const at = Date.now() - 20_000
  const root = hex(16)
  await deliver('traces', {
    resourceSpans: [
      ...traceRequest({ service: `gateway-${marker}` }, [
        { traceId, spanId: root, name: `GET ${corpus[0]}`, kind: 2, from: 0, to: 3_000, attributes: { 'http.request.method': 'GET', 'http.route': `/${corpus[1]}`, 'http.response.status_code': 502, 'api.client.id': corpus[2]! }, status: { code: 2, message: corpus[3]! } },
        ...corpus.map((text, i) => ({
          traceId, spanId: hex(16), parentSpanId: root, name: text, from: i * 20, to: i * 20 + 15, attributes: { [text.slice(0, 60)]: text, 'error.type': text }, status: { code: 2, message: text },
          events: [{ at: i * 20, name: text, attributes: { 'exception.message': text } }],
        })),
      ], at).resourceSpans,
      // The last ones in names of services, which show up on every page.
      ...corpus.slice(0, 20).flatMap((text, i) => traceRequest({ service: text, resource: { 'service.version': text } }, [{ traceId, spanId: hex(16), parentSpanId: root, name: text, kind: 2, from: i * 100, to: i * 100 + 50 }], at).resourceSpans),
    ],
  })
  await deliver('logs', {
    resourceLogs: corpus.flatMap((text, i) => logRequest({ service: i < 20 ? text : 'shop' }, [{ at: i, body: `${marker} ${text}`, severity: 17, severityText: text.slice(0, 30), traceId, spanId: lineSpan(i), attributes: { 'exception.type': text, 'exception.stacktrace': `${text}\n${text}\n${text}` } }], at).resourceLogs),
  })
})

const lineSpan = (i: number) => i.toString(16).padStart(16, 'c')

test.beforeEach(({ signedInAs }) => signedInAs('admin'))

const pages: Record<string, string> = {
  'traces': `/traces?service=gateway-${marker}`,
  'trace': `/traces/${traceId}`,
  'logs': `/logs?text=${marker}`,
  'status board': '/',
  'endpoints': '/endpoints?unregistered=all',
  'consumers': '/consumers',
  'conditions of traces': `/traces?service=${encodeURIComponent(corpus[0]!)}&attribute=${encodeURIComponent(`x=${corpus[1]}`)}&add=${encodeURIComponent(corpus[2]!)}`,
  'conditions of logs': `/logs?text=${encodeURIComponent(corpus[3]!)}&add=${encodeURIComponent(corpus[4]!)}`,
}

for (const [name, path] of Object.entries(pages)) {
  test(`IN-09, IN-10: hostile text is text: ${name}`, async ({ page, expectFault }) => {
    expectFault(/Failed to load resource/)
    const dialogs: string[] = []
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message())
      return dialog.dismiss()
    })
    await page.goto(path)
    await hydrated(page)
    if (name === 'logs') {
      await page.locator('.log-lines tbody tr[data-row]').first().click()
      await expect(page.locator('.log-opened dl').first()).toBeVisible()
    }
    await page.waitForTimeout(300)
    const found = await page.evaluate(() => ({
      ran: (globalThis as { ranHostile?: unknown }).ranHostile,
      // Ours carry a nonce, which a document hides from attributes but not from scripts.
      foreign: [...document.querySelectorAll('script')].filter(script => !script.nonce && !script.src.startsWith(location.origin)).map(script => script.outerHTML.slice(0, 200)),
      handlers: [...document.querySelectorAll('*')].filter(element => [...element.attributes].some(attribute => /^on/i.test(attribute.name))).map(element => element.outerHTML.slice(0, 200)),
      links: [...document.querySelectorAll('a[href], form[action], iframe[src], object[data]')].map(element => element.getAttribute('href') ?? element.getAttribute('action') ?? element.getAttribute('src') ?? '').filter(href => /^\s*(javascript|data|vbscript):/i.test(href)),
    }))
    expect({ dialogs, ...found }).toEqual({ dialogs: [], ran: undefined, foreign: [], handlers: [], links: [] })
  })
}
