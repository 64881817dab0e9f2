import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import { expect, test } from '@playwright/test'
import { backUp } from '../../server/db/backup.ts'
import { builtInRoles, type Permission } from '../../shared/permissions.ts'
import { logRequest, metricRequest, nanos, traceRequest } from '../support/otlp/build.ts'
import { builtPages, root, startOwnApp, type Asked, type OwnApp } from './support/own-app.ts'

const run = randomBytes(4).toString('hex')
const people = ['operator', 'support', 'viewer'] as const
type Person = 'admin' | (typeof people)[number]

/** Texts that show up in an answer only where one of these permissions is held; none: to nobody but their owner. */
const sentinels: Record<string, Permission[]> = {
  'person': ['users:manage', 'audit:read'],
  'email': ['users:manage', 'audit:read'],
  'role': ['users:manage', 'roles:manage', 'audit:read'],
  'own-token': ['audit:read'],
  'browser': [],
  'mistyped': [],
  'key-name': ['ingest-keys:manage', 'settings:manage', 'audit:read'],
  'endpoint': ['endpoints:read'],
  'ignored': ['endpoints:read', 'audit:read'],
  'consumer-note': ['consumers:read', 'audit:read'],
  'service-contact': ['status:read', 'audit:read'],
  'change': ['status:read', 'audit:read'],
  'consumer-id': ['consumers:read', 'traces:read', 'logs:read'],
  // The name of an operation heads its figures on the page of its service.
  'operation': ['status:read'],
  'span-value': ['traces:read'],
  'span-event': ['traces:read'],
  'span-status': ['traces:read'],
  'resource': ['traces:read', 'logs:read'],
  'log-body': ['logs:read'],
  'log-value': ['logs:read'],
  'metric': ['metrics:query'],
  // Kept for oneself: its owner is the admin.
  'saved-query': ['audit:read'],
  'alert-rule': ['alerts:read', 'audit:read'],
  'silence': ['alerts:read', 'audit:read'],
  'alert-label': ['alerts:read'],
  // Who reads an incident in plain words learns of no service.
  'incident-service': ['alerts:read', 'traces:read', 'audit:read'],
  'incident-note': ['traces:read', 'audit:read'],
  'incident-report': ['traces:read', 'incidents:update', 'audit:read'],
  'problem-report': ['incidents:update', 'audit:read'],
  'display': ['settings:manage', 'audit:read'],
  'channel': ['settings:manage', 'audit:read'],
  // The operator's own.
  'own-route': ['settings:manage', 'audit:read'],
}
const mark = (name: string) => `sentinel-${name}-${run}`

/** What nobody may ever see again. */
const canary = randomBytes(4).toString('hex')
const secrets: Record<string, string> = {
  'password of the admin': `lanterns over ${canary} water`,
  'password of the others': `herons above ${canary} reeds`,
  'mistaken password': `marshes under ${canary} snow`,
  'ingest key': `canary_${canary}_0123456789abcdef0123456789`,
  'address of a chat': `https://chat-${canary}.invalid/hooks/${canary}`,
}
/** Used as they are, so they stand in the control file and its backups as they are: in one column each. */
const usedAsTheyAre = ['address of a chat', 'signing secret']

let app: OwnApp
/** By name, as headers. */
const sessions = {} as Record<Person, Record<string, string>>
const ids: Record<string, string> = {}

test.beforeAll(async () => {
  app = await startOwnApp()
  secrets['set-up token'] = app.setupToken
  await plant()
})
test.afterAll(() => app.close())

async function signIn(person: Person, email: string, password: string, headers: Record<string, string> = {}) {
  const { setCookie } = await must(app.ask('/api/session', { method: 'POST', headers, body: { email, password } }))
  keep(person, setCookie!)
}

function keep(person: Person, cookie: string) {
  secrets[`cookie of ${person}`] = cookie.split('=')[1]!
  sessions[person] = { cookie }
}

async function must(asked: Promise<Asked>): Promise<Asked> {
  const answer = await asked
  if (answer.status >= 300) throw new Error(`${answer.what} → ${answer.status}: ${answer.text}`)
  return answer
}

/** Answers that hand out a secret, once, to whom it belongs. */
const handedOut = new Set<Asked>()

async function plant() {
  const as = (person: Person, method: string, path: string, body?: unknown) => must(app.ask(path, { method, headers: sessions[person], body }))
  const password = secrets['password of the others']!
  const emails: Record<Person, string> = { admin: 'admin@bongsu.example', operator: `${mark('email')}@bongsu.example`, support: 'support@bongsu.example', viewer: 'viewer@bongsu.example' }
  keep('admin', (await must(app.ask('/api/setup', { method: 'POST', body: { token: app.setupToken, name: 'Admin', email: emails.admin, password: secrets['password of the admin'] } }))).setCookie!)
  const { id: role } = (await as('admin', 'POST', '/api/roles', { name: mark('role'), permissions: ['status:read'] })).json()

  for (const person of people) {
    const made = await as('admin', 'POST', '/api/users', { name: person === 'operator' ? mark('person') : person, email: emails[person], roles: person === 'operator' ? [person, role] : [person] })
    handedOut.add(made)
    const { user, link } = made.json<{ user: { id: string }, link: { token: string } }>()
    secrets[`reset token of ${person}`] = link.token
    ids[person] = user.id
    await must(app.ask('/api/reset', { method: 'POST', body: { token: link.token, password } }))
    await signIn(person, emails[person], password, { 'user-agent': person === 'operator' ? mark('browser') : 'e2e' })
  }
  const unused = await as('admin', 'POST', `/api/users/${ids.viewer}/reset-link`)
  handedOut.add(unused)
  secrets['unused reset token'] = unused.json().token!
  const token = await as('operator', 'POST', '/api/tokens', { name: mark('own-token'), permissions: ['status:read'] })
  handedOut.add(token)
  secrets['API token'] = token.json().secret!
  await as('admin', 'POST', '/api/ingest-keys', { name: mark('key-name'), scopes: ['telemetry', 'changes', 'alerts'], value: secrets['ingest key'] })

  // A person mistypes; somebody tries; nobody of that name.
  await app.ask('/api/session', { method: 'POST', body: { email: emails.viewer, password: secrets['mistaken password'] } })
  await app.ask('/api/session', { method: 'POST', body: { email: `${mark('mistyped')}@bongsu.example`, password: secrets['mistaken password'] } })

  const endpoint = await as('admin', 'POST', '/api/endpoints', { service: 'sentinel-gateway', method: 'POST', template: '/sentinel/{step}', nameEn: 'Planted', nameKo: '심은 것', description: mark('endpoint'), contact: mark('endpoint'), lifecycle: 'active' })
  ids.endpoint = endpoint.json().id!
  await as('admin', 'POST', '/api/endpoints/unregistered/ignore', { service: 'sentinel-gateway', method: 'GET', routeKey: `/${mark('ignored')}` })
  await as('admin', 'PATCH', '/api/services/sentinel-gateway', { contact: mark('service-contact') })
  const machine = { 'authorization': `Bearer ${secrets['ingest key']}`, 'content-type': 'application/json' }
  await must(app.ask('/api/changes', { method: 'POST', headers: machine, body: { kind: 'configuration', service: 'sentinel-gateway', key: 'pool', newValue: mark('change') } }))
  await must(app.ask('/api/changes', { method: 'POST', headers: machine, body: { kind: 'configuration', service: 'sentinel-gateway', key: 'api.token', newValue: secrets['API token'] } }))

  await as('admin', 'POST', '/api/metrics/saved', { name: mark('saved-query'), query: `up{job="${mark('saved-query')}"}` })

  await as('admin', 'POST', '/api/alerts/rules', {
    name: mark('alert-rule'), condition: { kind: 'absence', window: 60_000 }, target: { kind: 'service', service: 'sentinel-gateway' }, for: 0, keepFiring: 0, severity: 'info', ownerTeam: mark('alert-rule'), runbook: '', paused: false,
  })
  const alert = (name: string, labels: object) => must(app.ask('/api/alerts/alertmanager', { method: 'POST', headers: machine, body: { version: '4', status: 'firing', alerts: [{ status: 'firing', labels: { alertname: name, ...labels }, annotations: {}, startsAt: new Date().toISOString(), fingerprint: Buffer.from(name).toString('hex') }] } }))
  await alert('Opens', { service: mark('incident-service'), severity: 'critical' })
  const { open } = (await as('admin', 'GET', '/api/incidents')).json<{ open: { id: string }[] }>()
  ids.incident = open[0]!.id
  await as('admin', 'POST', `/api/incidents/${ids.incident}/notes`, { text: mark('incident-note') })
  await as('support', 'POST', `/api/incidents/${ids.incident}/reports`, { text: mark('incident-report') })
  await as('support', 'POST', '/api/reports', { text: mark('problem-report') })
  const link = await as('admin', 'POST', '/api/display-links', { name: mark('display') })
  handedOut.add(link)
  await as('admin', 'POST', '/api/alerts/silences', { kind: 'silence', match: { rule: 'alertmanager', service: null, endpoint: null, consumer: null }, to: new Date(Date.now() + 3_600_000).toISOString(), zone: 'UTC', reason: mark('silence') })
  await as('admin', 'POST', '/api/alerts/rules/t0/pause')
  await alert('Planted', { instance: mark('alert-label') })

  await as('admin', 'POST', '/api/notifications/channels', { name: mark('channel'), kind: 'chat', url: secrets['address of a chat'], recipients: [], language: 'en', zone: 'UTC', wording: 'full', enabled: true })
  const channel = await as('admin', 'POST', '/api/notifications/channels', { name: 'hook', kind: 'webhook', url: 'https://hook.invalid/', recipients: [], language: 'en', zone: 'UTC', wording: 'full', enabled: true })
  handedOut.add(channel)
  secrets['signing secret'] = channel.json().secret!
  await as('operator', 'POST', '/api/account/notifications', { severity: 'warning', teams: [mark('own-route')], events: ['opened'], quietFrom: null, quietTo: null, zone: 'UTC', criticalPierces: true, enabled: true })
  await as('operator', 'POST', '/api/account/notifications/test')

  await report(machine)
  const consumer = `/api/consumers/${encodeURIComponent(mark('consumer-id'))}`
  await expect.poll(async () => (await app.ask(consumer, { headers: sessions.admin })).status, { timeout: 60_000 }).toBe(200)
  await as('admin', 'PATCH', consumer, { note: mark('consumer-note'), name: mark('consumer-note') })
}

/** One failed call of two services, with something to find wherever telemetry carries text. */
async function report(headers: Record<string, string>) {
  const at = Date.now() - 30_000
  ids.trace = randomBytes(16).toString('hex')
  const [server, inner] = [randomBytes(8).toString('hex'), randomBytes(8).toString('hex')] as [string, string]
  const sender = { service: 'sentinel-gateway', resource: { 'host.name': mark('resource') } }
  const masked = { 'authorization': `Bearer ${secrets['ingest key']}`, 'cookie': sessions.admin.cookie!, 'password': secrets['password of the admin']! }
  const http = { 'http.request.method': 'POST', 'http.route': '/sentinel/{step}', 'url.path': '/sentinel/1', 'http.response.status_code': 500, 'api.client.id': mark('consumer-id') }
  const failure = { 'exception.type': 'PlantedError', 'exception.message': mark('span-event'), 'exception.stacktrace': `PlantedError: ${mark('span-event')}\n    at planted` }
  const spans = traceRequest(sender, [
    { traceId: ids.trace, spanId: server, name: 'POST /sentinel/{step}', kind: 2, to: 900, attributes: { ...http, ...masked, 'planted': mark('span-value'), 'error.type': 'PlantedError' }, status: { code: 2, message: mark('span-status') }, events: [{ at: 100, name: 'exception', attributes: failure }] },
    { traceId: ids.trace, spanId: inner, parentSpanId: server, name: mark('operation'), kind: 1, from: 10, to: 890, attributes: { planted: mark('span-value') }, status: { code: 2, message: mark('span-status') }, events: [{ at: 100, name: 'exception', attributes: failure }] },
  ], at)
  const lines = logRequest(sender, [{ at: 100, body: mark('log-body'), severity: 17, traceId: ids.trace, spanId: inner, attributes: { ...masked, 'planted': mark('log-value'), 'exception.type': 'PlantedError', 'exception.message': mark('log-value') } }], at)
  const points = metricRequest(sender, [{ name: mark('metric'), unit: '1', gauge: { dataPoints: [{ timeUnixNano: nanos(at), asDouble: 1 }] } }])
  for (const [path, body] of [['traces', spans], ['logs', lines], ['metrics', points]] as const) await must(app.ask(`${app.otlp}/v1/${path}`, { method: 'POST', headers, body }))
}

/** What a test may read as this person: every page and every GET of the API, with ids that exist. */
async function crawl(headers: Record<string, string> | undefined): Promise<Asked[]> {
  const line = (await app.ask('/api/logs', { headers: sessions.admin })).json<{ lines: { id: string }[] }>().lines[0]!.id
  const { paths } = (await app.ask('/api/openapi.json', { headers: sessions.admin })).json<{ paths: Record<string, Record<string, unknown>> }>()
  const fill = (path: string) => path
    .replace(/^(.*endpoints\/)[:{]id\}?/, `$1${ids.endpoint}`)
    .replace(/^(.*incidents\/)[:{]id\}?/, `$1${ids.incident}`)
    .replace(/^(.*consumers\/)[:{]id\}?/, `$1${encodeURIComponent(mark('consumer-id'))}`)
    .replace(/[:{]traceId\}?/, ids.trace!).replace(/[:{]name\}?/, 'sentinel-gateway').replace(/[:{]lineId\}?/, encodeURIComponent(line)).replace(/[:{]key\}?/, '0')
  const api = Object.keys(paths).filter(path => 'get' in paths[path]! && path !== '/api/stream').map(fill)
  const queries = ['/api/endpoints/preview?service=sentinel-gateway&method=POST&template=/sentinel/{step}', '/api/audit?outcome=done&limit=200', '/api/endpoints/unregistered?ignored=true', '/api/endpoints/unregistered', '/api/traces?service=sentinel-gateway', '/traces?service=sentinel-gateway', '/logs?service=sentinel-gateway', '/services/SENTINEL-gateway', `/endpoints/${ids.endpoint}/_payload.json`, `/traces/${ids.trace}/_payload.json`, `/api/traces/${ids.trace}.json`, '/no-such-page', '/api/no-such-route', '/__nuxt_island/x', '/__nuxt_error']
  const answers: Asked[] = []
  for (const path of [...new Set([...builtPages().map(fill), ...api, ...queries])]) answers.push(await app.ask(path, { headers }))
  return answers
}

/** Answers that hold a text their reader did not bring along in the address. */
const seenIn = (answers: Asked[], text: string) => answers.filter(answer => answer.text.includes(text) && !`${answer.what} ${decodeURIComponent(answer.what)}`.includes(text)).map(({ what }) => what)

test('AZ-04: a sentinel stands in every table of the control file that holds words', () => {
  const db = new BetterSqlite(join(app.dataDir, 'control.sqlite'), { readonly: true })
  const tables = (db.prepare(`select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name not like '\\_\\_%' escape '\\'`).pluck().all() as string[])
  const empty = tables.filter(table => !JSON.stringify(db.prepare(`select * from "${table}"`).all()).includes(run))
  db.close()
  // These hold ids, permissions, digests and counts, and no words of anybody; the incident has hurt nobody and no trace.
  expect(empty.sort()).toEqual(['anonymous_refusals', 'built_in_pauses', 'evaluation_leases', 'evaluation_slots', 'incident_consumers', 'incident_evidence', 'incident_followers', 'notification_attempts', 'notification_deliveries', 'one_time_links', 'permission_uses', 'role_permissions', 'user_roles'])
})

for (const person of ['support', 'viewer', 'operator', undefined] as const) {
  test(`AZ-04: ${person ?? 'a stranger'} finds no sentinel but what their permissions name, on any page, payload or API answer`, async () => {
    test.setTimeout(120_000)
    const answers = await crawl(person && sessions[person])
    const held = new Set<Permission>(person ? builtInRoles[person] : [])
    // The operator is who some of the sentinels are about, and may read their own account.
    const own = person === 'operator' ? ['person', 'email', 'role', 'own-token', 'browser', 'own-route'] : []
    const leaks = Object.entries(sentinels)
      .filter(([name, permissions]) => !own.includes(name) && !permissions.some(permission => held.has(permission)))
      .flatMap(([name]) => seenIn(answers, mark(name)).map(where => `${name} in ${where}`))
    expect(leaks).toEqual([])
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(person ? 15 : 3)
    expect(answers.filter(({ status }) => status >= 500).map(({ what }) => what)).toEqual([])
  })
}

test('AZ-04: the same crawl shows an admin what there is, so that the tests above can fail', async () => {
  test.setTimeout(120_000)
  const answers = await crawl(sessions.admin)
  const missed = Object.entries(sentinels).filter(([name, permissions]) => permissions.length && !seenIn(answers, mark(name)).length).map(([name]) => name)
  // Nothing shows single metrics yet.
  expect(missed).toEqual(['metric'])
})

test('CA-01: two people and a stranger, 200 times at once, never get each other\'s page or answer', async () => {
  test.setTimeout(180_000)
  const paths = ['/', '/account', '/endpoints', `/endpoints/${ids.endpoint}`, '/services/sentinel-gateway', '/traces?service=sentinel-gateway', `/traces/${ids.trace}`, '/consumers', '/api/session', '/api/account', '/api/status', '/api/endpoints', `/api/endpoints/${ids.endpoint}/analysis`, '/api/services/sentinel-gateway/analysis', '/api/traces?service=sentinel-gateway']
  const callers = { operator: sessions.operator, support: sessions.support, stranger: undefined }
  // Names of the operator, and what only they of the three may read.
  const theirs = ['person', 'email', 'browser', 'own-token', 'consumer-id', 'consumer-note', 'span-value', 'span-event', 'span-status'].map(mark)
  const mixed: string[] = []
  let toOperator = 0
  for (let round = 0; round < 200; round++) {
    const path = paths[round % paths.length]!
    await Promise.all(Object.entries(callers).map(async ([caller, headers]) => {
      const { text } = await app.ask(path, { headers })
      const holds = theirs.some(word => text.includes(word))
      if (caller === 'operator') toOperator += Number(holds)
      else if (holds) mixed.push(`${path} to ${caller}`)
      if (!/^cache-control:.*\bno-store\b/m.test(text)) mixed.push(`${path} to ${caller} may be kept`)
    }))
  }
  expect([...new Set(mixed)]).toEqual([])
  expect(toOperator).toBeGreaterThan(100)
})

/** Every secret, sent where it does not belong. */
async function misplace() {
  for (const secret of Object.values(secrets)) {
    await app.ask('/api/session', { method: 'POST', headers: { 'x-forwarded-for': '192.0.2.1' }, body: { email: 'nobody@bongsu.example', password: secret, role: secret } })
    await app.ask('/api/session', { method: 'POST', body: `{"email":"${secret}` })
    await app.ask('/api/users', { method: 'POST', headers: sessions.admin, body: { name: 'x', surplus: secret } })
    await app.ask('/api/reset', { method: 'POST', body: { token: secret, password: 'short' } })
    await app.ask('/api/account/password', { method: 'POST', headers: sessions.viewer, body: { current: secret, password: 'short' } })
    await app.ask('/api/account', { headers: { 'cookie': `bongsu=${secret}`, 'authorization': `Bearer ${secret}`, 'x-bongsu-session': secret, 'x-ingest-key': secret } })
    await app.ask(`/no-such-page?token=${encodeURIComponent(secret)}`, { headers: sessions.support })
    await app.ask(`/api/traces?service=${encodeURIComponent(secret)}&nonsense=1`, { headers: sessions.admin })
    await app.ask(`${app.otlp}/v1/traces`, { method: 'POST', headers: { 'x-ingest-key': `${secret}x` }, body: { resourceSpans: secret } })
  }
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(file => join(folder, file)).filter(file => statSync(file).isFile())
}

test('SE-01: no secret in any log line, answer, bundle, file or backup, but its digest in its own column', async () => {
  test.setTimeout(180_000)
  await misplace()
  const spelled = (secret: string) => [...new Set([secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])]
  const { path: backup } = backUp(app.dataDir, new Date(0))
  const files = [...filesUnder(app.dataDir), ...filesUnder(`${root}.output/public`)].map(file => ({ name: relative(app.dataDir, file), bytes: readFileSync(file) }))
  expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining([relative(app.dataDir, backup), 'control.sqlite', 'telemetry.db']))

  const found: string[] = []
  for (const [name, secret] of Object.entries(secrets)) {
    // The link of the first start is printed on purpose, once.
    const log = name === 'set-up token' ? app.output().replace(/^.*access\.setup\.open.*$/m, '') : app.output()
    for (const text of spelled(secret)) {
      if (log.includes(text)) found.push(`${name} in the log`)
      for (const { name: file, bytes } of files) if (bytes.includes(text) && !(usedAsTheyAre.includes(name) && (file.includes('control.sqlite') || file.startsWith('backups')))) found.push(`${name} in ${file}`)
      found.push(...seenIn(app.answers.filter(answer => !handedOut.has(answer)), text).map(what => `${name} in the answer to ${what}`))
    }
  }
  expect([...new Set(found)]).toEqual([])
})

test('SE-01: what is kept of a secret stands in its own column and nowhere else, the backup included', () => {
  const digests = Object.values(secrets).map(secret => createHash('sha256').update(secret).digest('hex'))
  const columns = new Set<string>()
  for (const file of [join(app.dataDir, 'control.sqlite'), backUp(app.dataDir, new Date()).path]) {
    const db = new BetterSqlite(file, { readonly: true })
    for (const table of db.prepare(`select name from sqlite_schema where type = 'table'`).pluck().all() as string[]) {
      for (const row of db.prepare(`select * from "${table}"`).all() as Record<string, unknown>[]) {
        for (const [column, value] of Object.entries(row)) {
          const text = String(value)
          if (usedAsTheyAre.some(name => text.includes(secrets[name]!)) || text.includes('$argon2') || digests.some(digest => text.includes(digest))) columns.add(`${table}.${column}`)
        }
      }
    }
    db.close()
  }
  expect([...columns].sort()).toEqual(['api_tokens.token_hash', 'ingest_keys.key_hash', 'notification_channels.secret', 'notification_channels.url', 'one_time_links.token_hash', 'sessions.token_hash', 'users.password_hash'])
  const digestsSeen = app.answers.filter(({ text }) => text.includes('$argon2') || digests.some(digest => text.includes(digest))).map(({ what }) => what)
  expect(digestsSeen).toEqual([])
})
