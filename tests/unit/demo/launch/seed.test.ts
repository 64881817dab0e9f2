import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AppApi, RefusedError } from '../../../../demo/launch/app-api.ts'
import { endpoints as catalogue } from '../../../../demo/launch/catalogue.ts'
import { describeSeen, seedAccounts, seedEndpoints, seedIngestKey, type Wishes } from '../../../../demo/launch/seed.ts'
import { createStateFile, type StateFile } from '../../../../demo/launch/state.ts'

let folder: string
let state: StateFile
let app: ReturnType<typeof createFakeApp>
const dataDir = '/data'
const emails = ['admin@bongsu.example', 'operator@bongsu.example', 'support@bongsu.example', 'viewer@bongsu.example']

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'demo-seed-'))
  state = createStateFile(join(folder, 'state.json'))
  app = createFakeApp()
})
afterEach(() => rmSync(folder, { recursive: true }))

/** One start of the demo, as far as the app is concerned. */
async function start(wishes: Partial<Wishes> = {}) {
  const all = { dataDir, ...wishes }
  const entry = await seedIngestKey(app.api, state, all, await seedAccounts(app.api, state, all, () => 'set-up token'))
  await seedEndpoints(app.api, new Date('2026-11-24T00:00:00Z'))
  return entry
}

describe('the first start', () => {
  it('makes an account per role, a key and the endpoints, and remembers what it chose', async () => {
    const entry = await start()
    expect(app.passwords()).toEqual(Object.fromEntries(emails.map(email => [email, entry.password])))
    expect(app.users.map(user => user.roles)).toEqual([['admin'], ['operator'], ['support'], ['viewer']])
    expect(app.keys).toMatchObject([{ name: 'Demo platform', scopes: ['telemetry', 'changes'], value: entry.ingestKey, revokedAt: null }])
    expect(app.endpoints).toHaveLength(catalogue.length)
    const lifecycleOf = (template: string) => app.endpoints.filter(endpoint => endpoint.template === template).map(endpoint => endpoint.lifecycle)
    expect(lifecycleOf('/api/v1/process')).toEqual(['active'])
    expect(lifecycleOf('/api/v1/settlements/{date}')).toEqual(['deprecated'])
    expect(lifecycleOf('/api/v0/products')).toEqual(['retired'])
    expect(lifecycleOf('/api/v2/process')).toEqual(['draft'])
    expect(state.find(dataDir)).toEqual(entry)
  })

  it('takes the password and the key it is given', async () => {
    const wishes = { password: 'correct horse battery', ingestKey: 'k'.repeat(40) }
    expect(await start(wishes)).toMatchObject(wishes)
  })
})

describe('a later start', () => {
  it('changes nothing', async () => {
    const entry = await start()
    const before = app.changes()
    expect(await start()).toEqual(entry)
    expect(app.changes()).toBe(before)
  })

  it('gives everybody a changed password', async () => {
    await start()
    await start({ password: 'correct horse battery' })
    expect(new Set(Object.values(app.passwords()))).toEqual(new Set(['correct horse battery']))
    expect(state.find(dataDir)).not.toHaveProperty('former')
  })

  it('finishes a change of password that was cut off', async () => {
    const { password } = await start()
    app.failAfter(4)
    await expect(start({ password: 'correct horse battery' })).rejects.toThrow('cut off')
    expect(state.find(dataDir)).toMatchObject({ password: 'correct horse battery', former: password })
    app.failAfter(Infinity)
    await start()
    expect(new Set(Object.values(app.passwords()))).toEqual(new Set(['correct horse battery']))
  })

  it('replaces a changed key and revokes the one before', async () => {
    const { ingestKey } = await start()
    await start({ ingestKey: 'k'.repeat(40) })
    expect(app.keys.map(key => [key.value, key.revokedAt !== null])).toEqual([[ingestKey, true], ['k'.repeat(40), false]])
  })

  it('makes another key when somebody revoked the last one', async () => {
    const { ingestKey } = await start()
    app.keys[0]!.revokedAt = '2026-11-24T00:00:00Z'
    const after = await start()
    expect(after.ingestKey).not.toBe(ingestKey)
    expect(app.keys.filter(key => !key.revokedAt).map(key => key.value)).toEqual([after.ingestKey])
  })

  it('says so when the key it shall use was one before', async () => {
    await start({ ingestKey: 'k'.repeat(40) })
    app.keys[0]!.revokedAt = '2026-11-24T00:00:00Z'
    await expect(start({ ingestKey: 'k'.repeat(40) })).rejects.toThrow(/^DEMO_INGEST_KEY: /)
  })

  it('brings back an account that was removed, and leaves endpoints as people left them', async () => {
    const { password } = await start()
    app.users.splice(3, 1)
    app.endpoints[0]!.lifecycle = 'retired'
    await start()
    expect(app.passwords()).toHaveProperty('viewer@bongsu.example', password)
    expect(app.endpoints[0]!.lifecycle).toBe('retired')
    expect(app.endpoints).toHaveLength(catalogue.length)
  })

  it('seeds an emptied data directory anew', async () => {
    await start()
    app = createFakeApp()
    const entry = await start()
    expect(app.passwords()).toEqual(Object.fromEntries(emails.map(email => [email, entry.password])))
    expect(app.keys).toHaveLength(1)
  })

  it('asks for the password when it cannot know it', async () => {
    await start()
    rmSync(join(folder, 'state.json'))
    await expect(start()).rejects.toThrow(/does not know their password. Set DEMO_PASSWORD/)
    await expect(start({ password: 'something else entirely' })).rejects.toThrow(/has another password by now/)
    expect(state.find(dataDir)).toBeUndefined()
  })
})

describe('what traffic brings in', () => {
  it('gets a name once it was seen, and keeps the one that somebody gave', async () => {
    expect(await describeSeen(app.api)).toBe(false)
    app.consumers.push({ id: 'partner-shop', name: '' }, { id: 'partner-pay', name: 'Ours' }, { id: 'mobile-app', name: '' }, { id: 'partner-erp', name: '' })
    app.services.push(...['api-gateway', 'auth-service', 'business-service', 'external-api', 'notification-worker'].map(name => ({ name, ownerTeam: '' })))
    expect(await describeSeen(app.api)).toBe(true)
    expect(app.consumers.map(consumer => consumer.name)).toEqual(['한빛쇼핑', 'Ours', '모바일 앱', '이음ERP'])
    expect(app.services.every(service => service.ownerTeam !== '')).toBe(true)
  })
})

interface FakeUser { id: string, email: string, roles: string[], state: string, password: string }
interface FakeKey { id: string, name: string, hint: string, scopes: string[], value: string, revokedAt: string | null }

/** The routes that seeding uses, as the app answers them. */
function createFakeApp() {
  const users: FakeUser[] = []
  const keys: FakeKey[] = []
  const endpoints: Record<string, unknown>[] = []
  const consumers: { id: string, name: string }[] = []
  const services: { name: string, ownerTeam: string }[] = []
  let changes = 0
  let left = Infinity
  let signedIn: string | undefined
  const refuse = (request: string, status: number, code: string): never => {
    throw new RefusedError(request, status, { code })
  }

  async function ask(method: string, path: string, body: Record<string, unknown> = {}): Promise<unknown> {
    const request = `${method} ${path.replace(/\?.*/, '')}`
    const [, , noun, id, verb] = path.replace(/\?.*/, '').split('/')
    if (request === 'GET /api/session') return { setup: users.length === 0 }
    if (method !== 'GET' && request !== 'POST /api/session') {
      if (left-- <= 0) throw new Error('cut off')
      changes += 1
    }
    if (request === 'POST /api/setup') {
      if (body.token !== 'set-up token') refuse(request, 410, 'access.link_invalid')
      users.push({ id: 'u0', email: String(body.email), roles: ['admin'], state: 'active', password: String(body.password) })
      signedIn = 'u0'
      return {}
    }
    if (request === 'POST /api/session') {
      const user = users.find(user => user.email === body.email && user.password === body.password) ?? refuse(request, 401, 'access.wrong_credentials')
      signedIn = user.id
      return {}
    }
    if (request === 'POST /api/reset') {
      const user = users.find(user => `reset ${user.id}` === body.token) ?? refuse(request, 410, 'access.link_invalid')
      Object.assign(user, { password: body.password, state: 'active' })
      if (signedIn === user.id) signedIn = undefined
      return {}
    }
    if (!signedIn) refuse(request, 401, 'access.sign_in_required')
    if (request === 'GET /api/users') return { users }
    if (request === 'POST /api/users') {
      const user = { id: `u${users.length}-${changes}`, email: String(body.email), roles: body.roles as string[], state: 'invited', password: '' }
      users.push(user)
      return { user, link: { token: `reset ${user.id}` } }
    }
    if (noun === 'users' && verb === 'reset-link') return { token: `reset ${id}` }
    if (request === 'GET /api/ingest-keys') return { keys: keys.map(({ value, ...key }) => key) }
    if (request === 'POST /api/ingest-keys') {
      if (keys.some(key => key.value === body.value)) refuse(request, 409, 'access.key_taken')
      const value = String(body.value)
      const key = { id: `k${keys.length}`, name: String(body.name), hint: value.slice(-4), scopes: body.scopes as string[], value, revokedAt: null }
      keys.push(key)
      return { key, secret: null }
    }
    if (method === 'DELETE' && noun === 'ingest-keys') return Object.assign(keys.find(key => key.id === id)!, { revokedAt: '2026-11-24T00:00:00Z' })
    if (request === 'GET /api/endpoints') return { endpoints }
    if (request === 'POST /api/endpoints') {
      const endpoint = { ...body, id: `e${endpoints.length}` }
      endpoints.push(endpoint)
      return endpoint
    }
    if (noun === 'endpoints') return Object.assign(endpoints.find(endpoint => endpoint.id === id)!, { lifecycle: `${verb}d` })
    if (request === 'GET /api/consumers') return { consumers }
    if (request === 'GET /api/services') return { services }
    if (noun === 'consumers') return Object.assign(consumers.find(consumer => consumer.id === id)!, body)
    if (noun === 'services') return Object.assign(services.find(service => service.name === id)!, body)
    throw new Error(`nobody expected ${request}`)
  }

  signedIn = 'nobody yet'
  return {
    api: {
      get: path => ask('GET', path),
      post: (path, body) => ask('POST', path, body as Record<string, unknown>),
      patch: (path, body) => ask('PATCH', path, body as Record<string, unknown>),
      delete: path => ask('DELETE', path),
    } as AppApi,
    users, keys, endpoints, consumers, services,
    changes: () => changes,
    passwords: () => Object.fromEntries(users.map(user => [user.email, user.password])),
    failAfter: (requests: number) => left = requests,
  }
}
