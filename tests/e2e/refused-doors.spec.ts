import { request } from 'node:http'
import { origin, otlp } from '../../playwright.config.ts'
import { emailOf, password, seeded, type Role } from './support/accounts.ts'
import { hex, processCall, report, type Call } from './support/platform.ts'
import { expect, refusedPage, test } from './support/test.ts'

/** Stands in the route and in the lines of one trace, and never in an address: wherever it shows up, telemetry got out. */
const sentinel = `sentinel${hex(12)}`
/** What that trace is asked for by; it comes back in redirects and in the address of a page. */
const needle = `needle${hex(12)}`
let call: Call
let lineId: string

test.beforeAll(async ({ playwright }) => {
  call = processCall({ at: Date.now() - 30_000, hangs: true, service: needle, route: `/api/${sentinel}`, marker: `${needle} ${sentinel}` })
  await report([call])
  const api = await playwright.request.newContext({ baseURL: origin, extraHTTPHeaders: { cookie: seeded().sessions.operator } })
  const { lines } = await (await api.get('/api/logs', { params: { text: needle } })).json() as { lines: { id: string }[] }
  lineId = lines[0]!.id
  await api.dispose()
})

/** Pages, payloads and API routes with traces, logs and PromQL behind them. */
const doors = () => [
  '/traces', `/traces?service=${needle}`, `/traces/${call.traceId}`, '/logs', `/logs?text=${needle}`, `/logs?line=${encodeURIComponent(lineId)}`, '/metrics',
  `/api/traces?service=${needle}`, `/api/traces/scatter?service=${needle}`, `/api/traces/comparison?service=${needle}`, '/api/traces/values',
  `/api/traces/${call.traceId}`, `/api/traces/${call.traceId}/skeleton`, `/api/traces/${call.traceId}/logs`, `/api/traces/${call.traceId}/export`, `/api/traces/${call.traceId}/spans/${call.externalSpan}`,
  `/api/logs?text=${needle}`, `/api/logs/histogram?text=${needle}`, '/api/logs/values', `/api/logs/${encodeURIComponent(lineId)}`,
  '/api/metrics', '/api/metrics/query?query=up', '/api/metrics/query_range?query=up',
]

/** The same door spelled otherwise. */
function spellings(door: string): string[] {
  const [path = '', query] = door.split('?')
  const search = query ? `?${query}` : ''
  const first = path[1]!
  const encoded = `/%${first.charCodeAt(0).toString(16)}${path.slice(2)}`
  return [
    path + search,
    path.toUpperCase() + search,
    path[0]! + first.toUpperCase() + path.slice(2) + search,
    `${path}/${search}`,
    `/${path}${search}`,
    path.replaceAll('/', '//') + search,
    encoded + search,
    encoded.replace('%', '%25') + search,
    `${path};x${search}`,
    `/x/..${path}${search}`,
    `/.${path}${search}`,
    `/x/%2e%2e${path}${search}`,
    `${path}/_payload.json${search}`,
    `${path}?_payload.json${query ? `&${query}` : ''}`,
    `${path}.json${search}`,
  ]
}

/** As it stands, not tidied by a client. */
function ask(path: string, { method = 'GET', headers = {} }: { method?: string, headers?: Record<string, string> } = {}): Promise<{ status: number, body: string }> {
  const { hostname, port } = new URL(origin)
  return new Promise((done, fail) => {
    const sent = request({ hostname, port, method, path, headers: { origin, ...headers } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk as Buffer)).on('end', () => done({ status: response.statusCode!, body: Buffer.concat(chunks).toString('latin1') }))
    })
    sent.on('error', fail).end()
  })
}

for (const role of ['support', 'viewer'] as const satisfies Role[]) {
  test(`AZ-03 AZ-10: ${role} is refused traces, logs and PromQL on every door, however it is spelled`, async () => {
    test.setTimeout(120_000)
    const headers = { cookie: seeded().sessions[role] }
    const opened: string[] = []
    for (const door of doors()) {
      const answers = await Promise.all([
        ...spellings(door).map(async path => ({ what: `GET ${path}`, ...await ask(path, { headers }) })),
        ...['HEAD', 'OPTIONS', 'POST'].map(async method => ({ what: `${method} ${door}`, ...await ask(door, { method, headers }) })),
        { what: `override ${door}`, ...await ask(door, { method: 'POST', headers: { ...headers, 'x-http-method-override': 'GET' } }) },
      ])
      opened.push(...answers.filter(({ status, body }) => status === 200 || body.includes(sentinel)).map(({ what, status }) => `${what} → ${status}`))
    }
    expect(opened).toEqual([])
  })
}

test('AZ-03: the same doors are open to an operator, so that the test above can fail', async () => {
  const headers = { cookie: seeded().sessions.operator }
  for (const door of [`/traces?service=${needle}`, `/traces/${call.traceId}`, `/logs?text=${needle}`, `/api/traces?service=${needle}`, `/api/traces/${call.traceId}`, `/api/logs?text=${needle}`, `/api/logs/${encodeURIComponent(lineId)}`]) {
    const { status, body } = await ask(door, { headers })
    expect({ door, status, holds: body.includes(sentinel) }).toEqual({ door, status: 200, holds: true })
  }
})

test('an ingest key and nobody at all are refused there too', async () => {
  for (const headers of [{}, { authorization: `Bearer ${seeded().ingestKey}` }, { 'x-ingest-key': seeded().ingestKey }] as Record<string, string>[]) {
    for (const door of doors()) {
      const { status, body } = await ask(door, { headers })
      expect(body.includes(sentinel) || status === 200 ? `${door} → ${status}` : '').toBe('')
    }
  }
  expect((await fetch(`${otlp}/v1/traces`)).status).not.toBe(200)
})

test('story: support signs in and is refused traces, logs and PromQL', async ({ page, apiAs, expectFault }) => {
  expectFault(refusedPage)
  await page.goto('/login')
  await page.getByLabel('E-mail').fill(emailOf('support'))
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  const menu = page.getByRole('navigation', { name: 'Main' })
  await expect(menu.getByRole('link', { name: 'Endpoints' })).toBeVisible()
  await expect(menu.getByRole('link', { name: 'Traces' })).toHaveCount(0)
  await expect(menu.getByRole('link', { name: 'Logs' })).toHaveCount(0)

  for (const [path, permission] of [['/traces', 'traces:read'], [`/traces/${call.traceId}`, 'traces:read'], ['/logs', 'logs:read']] as const) {
    const answer = await page.goto(path)
    expect(answer!.status()).toBe(403)
    await expect(page.getByRole('heading', { name: 'You may not open this page' })).toBeVisible()
    await expect(page.getByText(permission)).toBeVisible()
    expect(await page.content()).not.toContain(sentinel)
  }
  // The trail says who wanted to see what.
  const { entries } = await (await (await apiAs('admin')).get('/api/audit?outcome=refused&permission=traces:read&limit=1')).json()
  expect(entries).toMatchObject([{ actor: { kind: 'user' }, params: { method: 'GET', route: `/traces/${call.traceId}` }, permission: 'traces:read' }])
})
