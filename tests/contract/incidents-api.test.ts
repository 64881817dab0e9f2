import type { EventHandler } from 'h3'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import routes from '#api-routes'
import { log } from '#server/http/log'
import type { Incident } from '#shared/schemas/incident-detail'
import type { Incidents } from '#shared/schemas/incident-list'
import { createTestAccess } from '../support/access'
import { startApp } from '../support/http-app'
import { createTestIncidents, diagnosisOf, process } from '../support/incidents'

beforeEach(() => {
  for (const level of ['info', 'error', 'warn'] as const) vi.spyOn(log, level).mockImplementation(() => {})
})

/** One open incident with a culprit and a hurt consumer, and somebody of every role. */
async function startAll() {
  const { access, admin, db, clock } = await createTestAccess()
  const room = await createTestIncidents({ db, clock, diagnose: async () => diagnosisOf() })
  const session = (role: string) => {
    const { id } = access.users.create(admin, { email: `${role}@example.com`, name: role, roles: [role] }).user
    return { 'cookie': `bongsu=${db.transaction(tx => access.sessions.begin(tx, id, {}))}`, 'sec-fetch-site': 'same-origin', 'accept-language': 'en' }
  }
  const people = { admin: session('admin'), operator: session('operator'), support: session('support'), viewer: session('viewer') }
  const mounted = Object.fromEntries(routes.filter(({ path }) => path.startsWith('/api/incidents')).map(({ path, method, handler }) => [`${method.toUpperCase()} ${path}`, handler as EventHandler]))
  const { ask } = await startApp(mounted, { access, clock, incidents: room.incidents })
  clock.advance(60_000)
  room.call({ consumer: 'partner-shop', status: 502 }, 9)
  const stop = room.incidents.start()
  await room.say(room.firing(room.alert()))
  await room.incidents.idle()
  await stop()
  return {
    ...room,
    get: (who: keyof typeof people, path: string) => ask(`/api/incidents${path}`, { headers: people[who] }),
    send: (who: keyof typeof people, method: string, path: string, body: object) => ask(`/api/incidents${path}`, { method, body, headers: people[who] }),
  }
}

describe('the incident over HTTP', () => {
  it('is whole for those who may read traces, and in plain words without any internals for the others', async () => {
    const { get } = await startAll()
    for (const who of ['admin', 'operator'] as const) {
      expect((await get(who, '/1')).json<Incident>()).toMatchObject({ number: 1 })
      expect((await get(who, '/INC-1')).json<Incident>()).toMatchObject({ number: 1, full: { culprit: { service: 'business-service', remote: 'external-api', type: 'timeout' }, impact: { failed: 9 } } })
    }
    for (const who of ['support', 'viewer'] as const) {
      const answer = await get(who, '/inc-1')
      expect(answer.status).toBe(200)
      expect(answer.json<Incident>()).toMatchObject({ plain: { endpoints: [{ nameKo: '외부 처리 요청' }], squares: { hit: 10 }, consumers: [{ id: 'partner-shop', told: { state: 'open' } }], repeat: { answer: 'no' } } })
      expect(answer.json<Incident>().full).toBeUndefined()
      for (const inside of ['business-service', 'external-api', 'api-gateway', 'diagnosis.', 'timeout']) expect(answer.text).not.toContain(inside)
      const list = await get(who, '?service=business-service')
      expect(list.json<Incidents>()).toMatchObject({ open: [{ number: 1 }], untold: 1 })
      for (const inside of ['business-service', 'external-api', 'api-gateway']) expect(list.text).not.toContain(inside)
    }
  })

  it.each<[string, string, object, string[]]>([
    ['POST', '/take', { revision: 9 }, ['operator', 'admin']], ['POST', '/acknowledge', { revision: 9 }, ['operator', 'admin']], ['PUT', '/assignee', { revision: 9, assignee: null }, ['operator', 'admin']],
    ['POST', '/resolve', { revision: 9, cause: 'limit' }, ['operator', 'admin']],
    ['POST', '/notes', { text: 'looking' }, ['support', 'operator', 'admin']], ['POST', '/updates', { ko: '확인 중입니다.' }, ['support', 'operator', 'admin']],
    ['PUT', '/told', { consumer: 'partner-shop', state: 'told' }, ['support', 'operator', 'admin']], ['PUT', '/promise', { nextUpdateAt: '2026-11-23T06:00:00Z' }, ['support', 'operator', 'admin']],
  ])('%s %s is for some', async (method, path, body, allowed) => {
    for (const who of ['viewer', 'support', 'operator', 'admin'] as const) {
      const { send } = await startAll()
      const { status } = await send(who, method, `/INC-1${path}`, body)
      expect([who, status]).toEqual([who, allowed.includes(who) ? 200 : 403])
    }
  }, 60_000)

  it.each<[string, number, string, object]>([
    ['an incident that is not there', 404, '/INC-9/notes', { text: 'x' }], ['a name that is none', 422, '/x/notes', { text: 'x' }], ['an empty note', 422, '/INC-1/notes', { text: ' ' }],
    ['an update in no language', 422, '/INC-1/updates', {}], ['what nobody knows', 422, '/INC-1/notes', { text: 'x', more: 1 }],
    ['a revision that is not there to be seen any more', 409, '/INC-1/take', { revision: 1 }],
  ])('refuses %s with %d', async (_, status, path, body) => {
    const { incidents, send } = await startAll()
    if (status === 409) await send('admin', 'POST', '/INC-1/take', { revision: 9 })
    expect((await send('operator', 'POST', path, body)).status).toBe(status)
    expect(incidents.summary().open).toBe(1)
  })

  it('gives the table of who is hurt and the post-mortem as files', async () => {
    const { get } = await startAll()
    const csv = await get('operator', '/INC-1/impact/export')
    expect(csv.headers).toMatchObject({ 'content-type': 'text/csv; charset=utf-8', 'content-disposition': 'attachment; filename="INC-1-impact.csv"' })
    expect(csv.text.match(/^whole,partner-shop,.*,9,9,0,1,/m)).toHaveLength(1)
    const text = await get('operator', '/INC-1/post-mortem')
    expect(text.headers['content-type']).toBe('text/markdown; charset=utf-8')
    expect(text.text).toMatch(/^# INC-1: POST/)
    for (const path of ['/INC-1/impact/export', '/INC-1/post-mortem', `/INC-1/traces/${'a'.repeat(32)}`, '/INC-1/logs']) expect((await get('support', path)).status).toBe(403)
  })

  it('keeps to filters, and says how long things took', async () => {
    const { get, send, incidents, clock } = await startAll()
    clock.advance(30_000)
    await send('operator', 'POST', '/INC-1/take', { revision: 9 })
    clock.advance(30_000)
    await send('operator', 'POST', '/INC-1/resolve', { revision: 9, cause: 'limit' })
    const found = async (query: string) => (await get('operator', query)).json<Incidents>()
    expect(await found('')).toMatchObject({ open: [], past: [{ number: 1, status: 'resolved' }], counts: { open: 0, pastFound: 1 }, meanTimeToAcknowledge: 30_000, meanTimeToResolve: 60_000, days: [{ day: '2026-11-23', incidents: 1, worst: 'critical' }] })
    for (const [query, count] of [
      ['?service=business-service', 1], ['?service=auth-service', 0], [`?endpoint=${process.id}`, 1], ['?consumer=partner-shop', 1], ['?consumer=nobody', 0], ['?severity=warning', 0],
      ['?q=INC-1', 1], ['?q=external-api', 1], ['?q=nothing', 0], ['?from=2026-11-23&to=2026-11-23', 1], ['?from=2026-11-24', 0], ['?state=open', 0],
    ] as const) expect([query, (await found(query)).past.length]).toEqual([query, count])
    expect(incidents.summary()).toEqual({ open: 0, worst: null, untold: 0 })
  })
})
