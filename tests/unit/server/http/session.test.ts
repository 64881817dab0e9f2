import type { EventHandler } from 'h3'
import { describe, expect, it, vi } from 'vitest'
import routes from '#api-routes'
import { log } from '#server/http/log'
import { readConfig } from '#server/config'
import { goodPassword, createTestAccess } from '../../../support/access'
import { startApp } from '../../../support/http-app'

const handlerOf = (method: string, path: string) => routes.find(route => route.method === method && route.path === path)!.handler as EventHandler

async function start(env: Record<string, string> = {}, { setUp = true } = {}) {
  vi.spyOn(log, 'info').mockImplementation(() => {})
  const test = await createTestAccess({ setUp })
  const config = readConfig(env)
  const app = await startApp({
    'GET /api/session': handlerOf('get', '/api/session'),
    'POST /api/session': handlerOf('post', '/api/session'),
    'DELETE /api/session': handlerOf('delete', '/api/session'),
    'POST /api/setup': handlerOf('post', '/api/setup'),
    'GET /api/users': handlerOf('get', '/api/users'),
  }, { access: test.access, clock: test.clock, config })
  const signIn = (headers: Record<string, string> = {}) => app.ask('/api/session', { method: 'POST', headers, body: { email: 'root@example.com', password: goodPassword } })
  return { ...test, ...app, signIn, origin: config.origin }
}

describe('AN-09 the session cookie', () => {
  it('is plain on loopback over http', async () => {
    const { signIn } = await start()
    expect((await signIn()).headers['set-cookie']).toEqual([expect.stringMatching(/^bongsu=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)])
  })

  it('is bound to its host and to https where the origin is, whatever the request says', async () => {
    const { signIn } = await start({ NUXT_ORIGIN: 'https://bongsu.example' })
    const { headers } = await signIn({ 'x-forwarded-proto': 'http' })
    expect(headers['set-cookie']).toEqual([expect.stringMatching(/^__Host-bongsu=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/)])
  })

  it('is not set for those who only look', async () => {
    const { ask } = await start()
    expect((await ask('/api/session')).headers['set-cookie']).toBeUndefined()
  })
})

describe('the session', () => {
  it('AN-07 answers nothing any more after signing out', async () => {
    const { ask, signIn, origin } = await start()
    const cookie = (await signIn()).headers['set-cookie']![0]!.split(';')[0]!
    expect((await ask('/api/session', { headers: { cookie } })).json()).toMatchObject({ user: { email: 'root@example.com', roles: [{ id: 'admin' }] }, setup: false })

    const out = await ask('/api/session', { method: 'DELETE', headers: { cookie, origin } })
    expect(out.status).toBe(204)
    expect(out.headers['set-cookie']![0]).toContain('Max-Age=0')
    expect((await ask('/api/session', { headers: { cookie } })).json()).toMatchObject({ user: null })
    expect((await ask('/api/users', { headers: { cookie } })).status).toBe(401)
  })

  it('AN-06 is never one that was known before signing in', async () => {
    const { ask, signIn } = await start()
    const planted = 'bongsu=planted-by-somebody-else'
    const cookie = (await signIn({ 'cookie': planted, 'sec-fetch-site': 'same-origin' })).headers['set-cookie']![0]!.split(';')[0]!
    expect(cookie).not.toBe(planted)
    expect((await ask('/api/users', { headers: { cookie: planted } })).status).toBe(401)
  })

  it('AN-06 gets a new token with the first answer after a change of roles', async () => {
    const { ask, access, admin, addUser, db } = await start()
    const user = await addUser('sam@example.com', ['viewer'])
    const cookie = `bongsu=${db.transaction(tx => access.sessions.begin(tx, user.id, {}))}`
    access.users.update(admin, user.id, { roles: ['admin'] })
    const { status, headers } = await ask('/api/users', { headers: { cookie } })
    expect(status).toBe(200)
    const fresh = headers['set-cookie']![0]!.split(';')[0]!
    expect(fresh).not.toBe(cookie)
    expect((await ask('/api/users', { headers: { cookie: fresh } })).headers['set-cookie']).toBeUndefined()
  })
})

describe('AN-13 set-up', () => {
  it('signs its first admin in, and is not there any more afterwards', async () => {
    const { ask, access } = await start({}, { setUp: false })
    expect((await ask('/api/session')).json()).toMatchObject({ setup: true, user: null })
    const body = { token: access.links.openSetup()!.token, email: 'Root@Example.com', name: 'Ada', password: goodPassword }
    const first = await ask('/api/setup', { method: 'POST', body })
    expect(first.status).toBe(201)
    expect(first.json()).toMatchObject({ user: { email: 'root@example.com' } })
    expect(first.headers['set-cookie']).toHaveLength(1)
    expect((await ask('/api/setup', { method: 'POST', body })).status).toBe(404)
  })
})

describe('CA-01 two people', () => {
  it('never get each other\'s answer, one after the other or at once', async () => {
    const { ask, access, addUser, db } = await start()
    const ids = [(await addUser('ann@example.com', ['admin'])).id, (await addUser('bob@example.com', ['viewer'])).id]
    const cookies = ids.map(id => `bongsu=${db.transaction(tx => access.sessions.begin(tx, id, {}))}`)
    const answers = await Promise.all(Array.from({ length: 200 }, async (_, i) => {
      const who = i % 3
      const { text, headers } = await ask('/api/session', { headers: who < 2 ? { cookie: cookies[who]! } : {} })
      return { who, ann: text.includes('ann@'), bob: text.includes('bob@'), cache: headers['cache-control'] }
    }))
    for (const answer of answers) expect(answer).toEqual({ who: answer.who, ann: answer.who === 0, bob: answer.who === 1, cache: 'no-store' })
  })
})
