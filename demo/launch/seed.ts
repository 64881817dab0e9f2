import { randomBytes } from 'node:crypto'
import { type AppApi, isRefusal } from './app-api.ts'
import { accounts, consumers, endpoints, services } from './catalogue.ts'
import type { Entry, StateFile } from './state.ts'

// Everything goes through the public API, as an admin would do it by hand. What is there already stays as it is: a
// second start changes nothing, and neither does it undo what somebody changed meanwhile.

const keyName = 'Demo platform'

export interface Wishes {
  dataDir: string
  password?: string
  ingestKey?: string
}

interface User { id: string, email: string, state: 'active' | 'invited' | 'disabled' }
interface Key { id: string, name: string, hint: string, revokedAt: string | null }

/** Makes sure of the accounts and signs in as the admin. The set-up token exists while nobody has an account. */
export async function seedAccounts(api: AppApi, state: StateFile, wishes: Wishes, setupToken: () => string): Promise<Entry> {
  const known = state.find(wishes.dataDir)
  const { setup } = await api.get<{ setup: boolean }>('/api/session')
  const entry: Entry = {
    ...(known?.ingestKeyId ? { ingestKeyId: known.ingestKeyId } : {}),
    password: wishes.password ?? known?.password ?? randomBytes(12).toString('base64url'),
    ingestKey: wishes.ingestKey ?? known?.ingestKey ?? newKey(),
  }
  // Until the new one holds everywhere the old one is kept: a kill in between locks nobody out.
  const former = known && known.password !== entry.password ? known.password : known?.former
  const [admin, ...others] = accounts

  if (setup) {
    state.save(wishes.dataDir, entry)
    await api.post('/api/setup', { token: setupToken(), email: admin.email, name: admin.name, password: entry.password })
  }
  else {
    if (!known && !wishes.password) throw new Error(`${wishes.dataDir} has accounts, but the demo does not know their password. Set DEMO_PASSWORD to it, or choose an empty NUXT_DATA_DIR.`)
    if (known) state.save(wishes.dataDir, { ...entry, ...(former ? { former } : {}) })
    await signIn(api, [entry.password, ...(former ? [former] : [])])
  }

  const { users } = await api.get<{ users: User[] }>('/api/users')
  for (const account of others) {
    const user = users.find(user => user.email === account.email)
    if (!user) {
      const { link } = await api.post<{ link: { token: string } }>('/api/users', { email: account.email, name: account.name, roles: [account.role] })
      await api.post('/api/reset', { token: link.token, password: entry.password })
    }
    else if (user.state === 'invited' || (former && user.state === 'active')) await choosePassword(api, user.id, entry.password)
  }
  if (former && !setup) {
    // One's own last: it ends the session that the others needed.
    await choosePassword(api, users.find(user => user.email === admin.email)!.id, entry.password)
    await signIn(api, [entry.password])
    state.save(wishes.dataDir, entry)
  }
  return entry
}

async function signIn(api: AppApi, passwords: string[]): Promise<void> {
  const [password, ...rest] = passwords as [string, ...string[]]
  try {
    await api.post('/api/session', { email: accounts[0].email, password })
  }
  catch (error) {
    if (!isRefusal(error, 'access.wrong_credentials')) throw error
    if (rest.length === 0) throw new Error(`${accounts[0].email} has another password by now. Set DEMO_PASSWORD to it, or choose an empty NUXT_DATA_DIR.`, { cause: error })
    await signIn(api, rest)
  }
}

async function choosePassword(api: AppApi, userId: string, password: string): Promise<void> {
  const { token } = await api.post<{ token: string }>(`/api/users/${userId}/reset-link`)
  await api.post('/api/reset', { token, password })
}

/** Makes sure that the app takes the entry's key, and of the demo's keys no other. */
export async function seedIngestKey(api: AppApi, state: StateFile, wishes: Wishes, entry: Entry): Promise<Entry> {
  const { keys } = await api.get<{ keys: Key[] }>('/api/ingest-keys')
  const live = keys.filter(key => key.name === keyName && !key.revokedAt)
  const current = live.find(key => key.id === entry.ingestKeyId && key.hint === entry.ingestKey.slice(-4))
  const sown = current ? entry : await createKey(api, wishes, entry)
  if (sown !== entry) state.save(wishes.dataDir, sown)
  for (const key of live) {
    if (key.id !== sown.ingestKeyId) await api.delete(`/api/ingest-keys/${key.id}`)
  }
  return sown
}

async function createKey(api: AppApi, wishes: Wishes, entry: Entry): Promise<Entry> {
  const body = { name: keyName, scopes: ['telemetry', 'changes'], value: entry.ingestKey }
  try {
    const { key } = await api.post<{ key: Key }>('/api/ingest-keys', body)
    return { ...entry, ingestKeyId: key.id }
  }
  catch (error) {
    if (!isRefusal(error, 'access.key_taken')) throw error
    if (wishes.ingestKey) throw new Error('DEMO_INGEST_KEY: this installation has known that key before. Choose another.', { cause: error })
    return createKey(api, wishes, { ...entry, ingestKey: newKey() })
  }
}

function newKey(): string {
  return `bongsu_demo_${randomBytes(24).toString('base64url')}`
}

/** Registers what this platform's admins have registered; a route that somebody holds already is theirs. */
export async function seedEndpoints(api: AppApi, today: Date): Promise<void> {
  const { endpoints: held } = await api.get<{ endpoints: { service: string, method: string, template: string }[] }>('/api/endpoints?perPage=200')
  const isHeld = new Set(held.map(({ service, method, template }) => `${service} ${method} ${template}`))
  for (const { becomes = 'active', ...fields } of endpoints) {
    if (isHeld.has(`${fields.service} ${fields.method} ${fields.template}`)) continue
    try {
      const { id, revision } = await api.post<{ id: string, revision: number }>('/api/endpoints', { ...fields, lifecycle: becomes === 'draft' ? 'draft' : 'active' })
      if (becomes === 'deprecated') await api.post(`/api/endpoints/${id}/deprecate`, { revision, sunset: inDays(today, 90) })
      if (becomes === 'retired') await api.post(`/api/endpoints/${id}/retire`, { revision })
    }
    catch (error) {
      if (!isRefusal(error, 'endpoint.conflict')) throw error
    }
  }
}

function inDays(today: Date, days: number): string {
  return new Date(today.getTime() + days * 86_400_000).toISOString().slice(0, 10)
}

/**
 * Consumers and services exist once their traffic was seen, which is after the start. Answers whether all of them have
 * been described by now; a name that somebody gave stays.
 */
export async function describeSeen(api: AppApi): Promise<boolean> {
  const seenConsumers = (await api.get<{ consumers: { id: string, name: string }[] }>('/api/consumers')).consumers
  const seenServices = (await api.get<{ services: { name: string, ownerTeam: string }[] }>('/api/services')).services
  for (const { id, ...description } of consumers) {
    if (seenConsumers.find(seen => seen.id === id)?.name === '') await api.patch(`/api/consumers/${id}`, description)
  }
  for (const { name, ...owner } of services) {
    if (seenServices.find(seen => seen.name === name)?.ownerTeam === '') await api.patch(`/api/services/${name}`, owner)
  }
  return consumers.every(({ id }) => seenConsumers.some(seen => seen.id === id)) && services.every(({ name }) => seenServices.some(seen => seen.name === name))
}
