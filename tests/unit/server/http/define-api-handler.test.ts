import { request as httpRequest } from 'node:http'
import { Readable } from 'node:stream'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { binary, raw, stream } from '#server/http/answer'
import { defineApiHandler } from '#server/http/define-api-handler'
import { log } from '#server/http/log'
import { AppError } from '#shared/errors'
import { createTestAccess, goodPassword } from '../../../support/access'
import { startApp } from '../../../support/http-app'

const thing = z.object({ name: z.string().min(2), size: z.number().optional() })

const routes = {
  'GET /api/open': defineApiHandler({ permission: 'public', response: z.object({ ok: z.boolean() }), handle: () => ({ ok: true, secret: 'not yours' }) }),
  'GET /api/traces': defineApiHandler({ permission: 'traces:read', response: z.object({ who: z.string() }), handle: ({ actor }) => ({ who: actor.email }) }),
  'GET /api/own': defineApiHandler({ permission: 'signedIn', response: z.object({ zone: z.string() }), handle: ({ request }) => ({ zone: request.zone }) }),
  'POST /api/changes': defineApiHandler({ permission: 'machine', scope: 'changes', response: z.object({ key: z.string() }), handle: ({ actor }) => ({ key: actor.name }) }),
  'POST /api/things': defineApiHandler({ permission: 'public', body: thing, response: thing, status: 201, handle: ({ body }) => body }),
  'DELETE /api/things/:id': defineApiHandler({ permission: 'public', params: z.object({ id: z.uuid() }), handle: () => undefined }),
  'GET /api/list': defineApiHandler({ permission: 'public', query: z.object({ q: z.string() }), response: z.object({ q: z.string() }), handle: ({ query }) => query }),
  'GET /api/bytes': defineApiHandler({ permission: 'public', handle: () => binary(new Uint8Array([1, 2, 3])) }),
  'GET /api/stream': defineApiHandler({ permission: 'public', handle: () => stream(Readable.from(['a', 'b']), 'text/plain') }),
  'GET /api/raw': defineApiHandler({ permission: 'public', handle: () => raw(response => void response.writeHead(200).end('raw')) }),
  'GET /api/known': defineApiHandler({ permission: 'public', handle: () => { throw new AppError('trace.not_found') } }),
  'GET /api/broken': defineApiHandler({ permission: 'public', handle: () => { throw new Error('/etc/secret at http://backend:9200') } }),
  'GET /api/busy': defineApiHandler({ permission: 'public', handle: () => { throw Object.assign(new Error('locked'), { code: 'SQLITE_BUSY' }) } }),
  'GET /api/careless': defineApiHandler({ permission: 'public', handle: () => ({ row: 1 }) }),
}

async function start() {
  const test = await createTestAccess()
  const app = await startApp(routes, { access: test.access, clock: test.clock })
  await test.addUser('support@example.com', ['support'])
  const cookie = async (email: string) => ({ cookie: `bongsu=${await test.access.sessions.signIn({ email, password: goodPassword }, {})}` })
  return { ...test, ...app, cookie }
}

let records: Record<string, unknown>[]
beforeEach(() => {
  records = []
  for (const level of ['info', 'error'] as const) vi.spyOn(log, level).mockImplementation((record: unknown) => void records.push(record as Record<string, unknown>))
})

describe('an API handler', () => {
  it('sends exactly the view it declares, never to be kept by a cache', async () => {
    const { ask } = await start()
    const answer = await ask('/api/open')
    expect(answer.json()).toEqual({ ok: true })
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/json' })
  })

  it('shapes what many share once, and what is only alike each time', async () => {
    const shaped = vi.fn((word: string) => word.toUpperCase())
    const response = z.object({ word: z.string().transform(shaped) })
    const shared = Object.freeze({ word: 'shared' })
    const app = await startApp({
      'GET /api/shared': defineApiHandler({ permission: 'public', response, handle: () => shared }),
      'GET /api/alike': defineApiHandler({ permission: 'public', response, handle: () => ({ word: 'alike' }) }),
    }, await createTestAccess())
    for (const path of ['/api/shared', '/api/shared', '/api/alike', '/api/alike']) await app.ask(path)
    expect(shaped.mock.calls.map(([word]) => word)).toEqual(['shared', 'alike', 'alike'])
    expect((await app.ask('/api/shared')).json()).toEqual({ word: 'SHARED' })
  })

  it('ends what is asked for someone who went away, and calls it no fault', async () => {
    const began = Promise.withResolvers<undefined>()
    const { port } = await startApp({
      'GET /api/slow': defineApiHandler({
        permission: 'public',
        handle: ({ signal }) => {
          began.resolve(undefined)
          return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
        },
      }),
    }, await createTestAccess())
    const asked = httpRequest({ port, host: '127.0.0.1', path: '/api/slow' }).on('error', () => {})
    asked.end()
    await began.promise
    asked.destroy()
    await vi.waitFor(() => expect(records).toEqual([expect.objectContaining({ status: 499, code: 'request.abandoned' })]))
    expect(log.error).not.toHaveBeenCalled()
  })

  it('refuses to send JSON that no view describes', async () => {
    const { ask } = await start()
    expect((await ask('/api/careless')).status).toBe(500)
  })

  it('asks who it is, then whether they may', async () => {
    const { ask, cookie } = await start()
    expect((await ask('/api/traces')).status).toBe(401)
    const refused = await ask('/api/traces', { headers: await cookie('support@example.com') })
    expect(refused.status).toBe(403)
    expect(refused.json()).toMatchObject({ code: 'access.forbidden', params: { permission: 'traces:read' } })
    expect((await ask('/api/traces', { headers: await cookie('root@example.com') })).json()).toEqual({ who: 'root@example.com' })
  })

  it('AZ-12 writes down the refusals of those it knows and counts the others', async () => {
    const { ask, cookie, access } = await start()
    await ask('/api/traces', { headers: await cookie('support@example.com') })
    await ask('/api/traces')
    await ask('/api/own')
    expect(access.audit.page({ limit: 1, outcome: 'refused' }, 'UTC').entries[0]).toMatchObject({
      action: 'refused.access.forbidden', permission: 'traces:read', actor: { kind: 'user', name: 'sup' }, params: { method: 'GET', route: '/api/traces' },
    })
    access.close()
    expect(access.audit.page({ limit: 1 }, 'UTC').counts.anonymous).toBe(2)
  })

  it('takes an API token instead of a cookie, with the rights of both token and owner', async () => {
    const { ask, access, admin } = await start()
    const { secret } = access.tokens.create(admin, { name: 'script', permissions: ['logs:read'], days: null })
    const headers = { authorization: `Bearer ${secret}` }
    expect((await ask('/api/own', { headers })).status).toBe(200)
    expect((await ask('/api/traces', { headers })).status).toBe(403)
  })

  it('AN-10 ignores sessions that come by any other way than the cookie', async () => {
    const { ask, access } = await start()
    const token = await access.sessions.signIn({ email: 'root@example.com', password: goodPassword }, {})
    const ways: Record<string, string>[] = [{ 'x-bongsu-session': token }, { 'x-session': token }, { authorization: `Bearer ${token}` }, { cookie: `__Host-bongsu=${token}` }]
    for (const headers of ways) {
      expect((await ask(`/api/own?bongsu=${token}&token=${token}`, { headers })).status).toBe(401)
    }
  })

  it('lets an ingest key through for its scopes only, by either header, and nowhere else', async () => {
    const { ask, access, admin } = await start()
    const key = (scope: 'changes' | 'telemetry') => access.ingestKeys.create(admin, { name: scope, scopes: [scope], services: null, samplingRatio: 1 }).secret!
    const changes = key('changes')
    expect((await ask('/api/changes', { method: 'POST', headers: { authorization: `Bearer ${changes}` } })).json()).toEqual({ key: 'changes' })
    expect((await ask('/api/changes', { method: 'POST', headers: { 'x-ingest-key': changes } })).status).toBe(200)
    expect((await ask('/api/changes', { method: 'POST', headers: { 'x-ingest-key': key('telemetry') } })).status).toBe(403)
    expect((await ask('/api/own', { headers: { authorization: `Bearer ${changes}` } })).status).toBe(401)
    expect((await ask('/api/changes', { method: 'POST' })).status).toBe(401)
  })

  it('answers bytes, streams and what writes itself', async () => {
    const { ask } = await start()
    expect((await ask('/api/bytes')).headers).toMatchObject({ 'content-type': 'application/octet-stream', 'content-length': '3' })
    expect((await ask('/api/stream')).text).toBe('ab')
    expect((await ask('/api/raw')).text).toBe('raw')
    expect((await ask('/api/things/01a20df7-fc26-7b74-902d-db63a05fe097', { method: 'DELETE' })).status).toBe(204)
  })
})

describe('what is sent to it', () => {
  it('AZ-09 may hold no field that the schema does not name, and says so for each', async () => {
    const { ask } = await start()
    const answer = await ask('/api/things', { method: 'POST', body: { name: 'x', size: 'big', isAdmin: true } })
    expect(answer.status).toBe(422)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.json<{ issues: { field: string, code: string }[] }>().issues.map(issue => [issue.field, issue.code])).toEqual([
      ['name', 'error.issue.short'], ['size', 'error.issue.type'], ['isAdmin', 'error.issue.unknown'],
    ])
    expect((await ask('/api/list?q=1&q=2')).status).toBe(422)
    expect((await ask('/api/list?q=1&x=2')).status).toBe(422)
    expect((await ask('/api/things/%2e%2e', { method: 'DELETE' })).status).toBe(422)
    expect((await ask('/api/things/%ff', { method: 'DELETE' })).status).toBe(400)
  })

  it('is at most one megabyte, whether it says how much it is or not', async () => {
    const { ask } = await start()
    const body = JSON.stringify({ name: 'x'.repeat(1024 * 1024) })
    expect((await ask('/api/things', { method: 'POST', body })).status).toBe(413)
    expect((await ask('/api/things', { method: 'POST', body, chunked: true })).status).toBe(413)
  })

  it.each([
    ['broken JSON', '{"name":'],
    ['nesting beyond 64', `{"name":${'['.repeat(100_000)}`],
    ['half a character', Buffer.from([0x22, 0xC3, 0x22])],
  ])('is refused as malformed: %s', async (_, body) => {
    const { ask } = await start()
    expect((await ask('/api/things', { method: 'POST', body })).status).toBe(400)
  })

  it('IN-11 reaches no prototype', async () => {
    const { ask } = await start()
    for (const body of ['{"__proto__":{"polluted":1}}', '{"name":{"constructor":{"prototype":{"polluted":1}}}}', '{"\\u005f_proto__":{"polluted":1}}', '{"a":{"b":{"c":{"prototype":1}}}}']) {
      expect((await ask('/api/things', { method: 'POST', body })).status).toBe(400)
    }
    expect((await ask('/api/list?__proto__[polluted]=1&q=x')).status).toBe(422)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

describe('AN-12 where a writing request comes from', () => {
  const sites = ['same-origin', 'same-site', 'cross-site', 'none', undefined]
  const origins = ['http://127.0.0.1:3000', 'https://evil.example', 'null', undefined]
  const types = ['application/json', 'application/json; charset=utf-8', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml', undefined]
  const matrix = sites.flatMap(site => origins.flatMap(origin => types.map(type => ({ site, origin, type }))))

  it(`is one of ${matrix.length} combinations, of which only our own pages and scripts with JSON pass`, async () => {
    const { ask } = await start()
    const outcomes = new Map<string, number>()
    for (const { site, origin, type } of matrix) {
      const { status } = await ask('/api/things', { method: 'POST', body: '{"name":"ok"}', headers: {
        ...(site && { 'sec-fetch-site': site }), ...(origin && { origin }), 'content-type': type ?? '',
      } })
      const ours = (site === undefined || site === 'same-origin') && (origin === undefined || origin === origins[0])
      expect({ site, origin, type, status }).toEqual({ site, origin, type, status: !ours ? 403 : type === 'application/json' ? 201 : 415 })
      outcomes.set(String(status), (outcomes.get(String(status)) ?? 0) + 1)
    }
    expect(Object.fromEntries(outcomes)).toEqual({ 201: 4, 403: 112, 415: 24 })
  }, 20_000)

  it('does not matter for reading', async () => {
    const { ask } = await start()
    expect((await ask('/api/open', { headers: { 'sec-fetch-site': 'cross-site', 'origin': 'https://evil.example' } })).status).toBe(200)
  })
})

describe('errors', () => {
  it('are problems in the language of the request', async () => {
    const { ask } = await start()
    const ko = await ask('/api/known', { headers: { 'accept-language': 'ko' } })
    const en = await ask('/api/known', { headers: { 'accept-language': 'fr, en;q=0.5' } })
    const cookie = await ask('/api/known', { headers: { 'accept-language': 'ko', 'cookie': 'bongsu-language=en' } })
    expect(ko.json()).toMatchObject({ title: '찾을 수 없음', detail: '이 id의 트레이스는 보관되어 있지 않습니다.', status: 404, code: 'trace.not_found', params: {}, type: 'urn:bongsu:problem:trace.not_found' })
    expect(en.json()).toMatchObject({ title: 'Not found', requestId: en.headers['x-request-id'] })
    expect(cookie.json()).toMatchObject({ title: 'Not found' })
  })

  it('SE-02 tell nothing of what went wrong inside but an id that finds it in the log', async () => {
    const { ask } = await start()
    const answer = await ask('/api/broken')
    expect(answer.status).toBe(500)
    expect(answer.text).not.toMatch(/secret|backend|9200/)
    expect(records.at(-1)).toMatchObject({ requestId: answer.json().requestId, code: 'app.unexpected', err: { message: expect.stringContaining('backend') } })
  })

  it('ask for patience when the database is busy', async () => {
    const { ask } = await start()
    const answer = await ask('/api/busy')
    expect(answer.status).toBe(503)
    expect(answer.headers['retry-after']).toBe('1')
  })
})

describe('the record of a request', () => {
  it('is one, with who, what and how long, and nothing that was typed into the path', async () => {
    const { ask, cookie } = await start()
    const headers = { ...await cookie('root@example.com'), 'sec-fetch-site': 'same-origin' }
    records.length = 0
    await ask('/api/things/secret-thing?token=abc', { method: 'DELETE', headers })
    expect(records).toHaveLength(1)
    expect(records[0]).toMatchObject({ event: 'http.request', method: 'DELETE', route: '/api/things/:id', status: 422, address: '127.0.0.1', actor: expect.stringMatching(/^user:/) })
    expect(JSON.stringify(records)).not.toMatch(/secret-thing|abc/)
  })

  it('IN-08 is one line of JSON whatever the caller sends', async () => {
    const { ask } = await start()
    await ask('/api/list?q=%0a%1b[31m%e2%80%ae', { headers: { 'user-agent': 'x' } })
    expect(JSON.stringify(records[0])).toMatch(/^[ -~]+$/)
  })
})
