import { origin } from '../../playwright.config.ts'
import { emailOf, password } from './support/accounts.ts'
import { expect, test } from './support/test.ts'

const asked = ['/login', '/', '/nowhere', '/api/nowhere', '/api/health', '/api/endpoints', '/mark.svg']

test('AN-09: reading without an account sets no cookie', async ({ request }) => {
  for (const path of asked) {
    const answer = await request.get(path, { maxRedirects: 0 })
    expect(answer.headersArray().filter(header => header.name.toLowerCase() === 'set-cookie'), path).toEqual([])
  }
})

test('AN-09: the session cookie is for this site and no script', async ({ request }) => {
  const answer = await request.post('/api/session', {
    data: { email: emailOf('admin'), password },
    headers: { origin },
  })
  expect(answer.status()).toBe(200)
  const cookie = answer.headers()['set-cookie']!
  expect(cookie).toMatch(/^bongsu=[\w-]{43}; /)
  expect(cookie.split('; ').slice(1).sort()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Strict'])
  expect(cookie.length).toBeLessThan(4_096)
})

test('HD-01: every page carries a strict policy with a nonce of its own', async ({ request, expectFault }) => {
  expectFault(/status of/)
  const nonces = new Set<string>()
  for (const path of ['/login', '/nowhere', '/setup', '/login']) {
    const { 'content-security-policy': policy = '', ...headers } = (await request.get(path)).headers()
    const [, nonce] = /script-src 'nonce-([^']+)' 'strict-dynamic'/.exec(policy) ?? []
    expect(nonce, path).toBeTruthy()
    nonces.add(nonce!)
    expect(policy).not.toMatch(/script-src[^;]*(unsafe|https:)/)
    for (const part of [`object-src 'none'`, `base-uri 'none'`, `frame-ancestors 'none'`, 'report-uri /api/csp-report']) expect(policy).toContain(part)
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cross-origin-opener-policy': 'same-origin', 'cache-control': 'no-store' })
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(headers).not.toHaveProperty('access-control-allow-origin')
  }
  expect(nonces.size).toBe(4)
})

test('HD-01: what is not a page may do nothing at all', async ({ request }) => {
  for (const path of ['/api/health', '/api/nowhere', '/api/endpoints']) {
    const headers = (await request.get(path)).headers()
    expect(headers['content-security-policy'], path).toContain(`default-src 'none'`)
    expect(headers['x-content-type-options'], path).toBe('nosniff')
  }
})

test('IN-14, SC-02: no file of the server and no door of development is reachable', async ({ request }) => {
  const paths = [
    '/_nuxt/..%2f..%2fserver/index.mjs', '/..%2f..%2fpackage.json', '/%2e%2e/%2e%2e/package.json', '/_nuxt/%252e%252e/server/index.mjs', '/fonts/..%5c..%5cserver',
    '/server/index.mjs', '/index.mjs.map', '/.env', '/__nuxt_devtools__/client/', '/_vite/client', '/@vite/client', '/_nuxt/@fs/etc/passwd', '/__nuxt_error', '/_payload.json',
  ]
  for (const path of paths) {
    const answer = await request.get(path, { maxRedirects: 0 })
    expect([302, 400, 404], path).toContain(answer.status())
    expect(await answer.text(), path).not.toMatch(/"dependencies"|createServer|root:x:/)
  }
})
