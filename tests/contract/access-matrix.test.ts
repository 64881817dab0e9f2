import type { EventHandler } from 'h3'
import { defineEventHandler } from 'h3'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import routes from '#api-routes'
import type { ApiDeclaration } from '#server/http/define-api-handler'
import { log } from '#server/http/log'
import { answerUnrouted } from '#server/http/unrouted'
import { ingestScopes } from '#shared/schemas/ingest-scope'
import { createTestAccess } from '../support/access'
import { startApp, type Answer } from '../support/http-app'

const api = routes.map(route => ({ ...route, handler: route.handler as EventHandler & { declaration?: ApiDeclaration } }))
const declared = api.flatMap(({ path, method, handler }) => handler.declaration ? [{ path, method: method.toUpperCase(), declaration: handler.declaration }] : [])
  .sort((a, b) => `${a.path} ${a.method}`.localeCompare(`${b.path} ${b.method}`))

beforeEach(() => {
  // Handlers get through to rooms that are not there.
  for (const level of ['info', 'error', 'warn'] as const) vi.spyOn(log, level).mockImplementation(() => {})
})

describe('AZ-01 every route', () => {
  it('names one method and what it needs, but for the one that takes what the others leave', () => {
    const without = api.filter(({ method, handler }) => method === 'all' || !handler.declaration)
    expect(without.map(({ path, method }) => `${method} ${path}`)).toEqual(['all /api/**'])
  })

  it('that a machine may ask says which scope it needs', () => {
    for (const { declaration } of declared) expect(declaration.scope !== undefined).toBe(declaration.permission === 'machine')
  })

  it('that reads takes no body', () => {
    expect(declared.filter(({ method, declaration }) => method === 'GET' && declaration.body)).toEqual([])
  })
})

/** A fresh credential for each request: some of them end the session they come with. */
async function startAll() {
  const { access, admin, db, clock } = await createTestAccess()
  const nothing = access.roles.create(admin, { name: 'nothing', permissions: [] })
  const person = (name: string, role: string) => access.users.create(admin, { email: `${name}@example.com`, name, roles: [role] }).user.id
  const ids = {
    nothing: person('nothing', nothing.id), support: person('support', 'support'), viewer: person('viewer', 'viewer'),
    operator: person('operator', 'operator'), admin: person('admin', 'admin'), disabled: person('disabled', 'admin'),
  }
  const session = (id: string) => ({ 'cookie': `bongsu=${db.transaction(tx => access.sessions.begin(tx, id, {}))}`, 'sec-fetch-site': 'same-origin' })
  const gone = session(ids.disabled)
  access.users.update(admin, ids.disabled, { disabled: true })

  const { secret: key } = access.ingestKeys.create(admin, { name: 'all', scopes: [...ingestScopes], services: null, samplingRatio: 1 })
  const { secret: token } = access.tokens.create(admin, { name: 'status', permissions: ['status:read'], days: null })
  const { path: display } = access.displayLinks.create(admin, { name: 'wall', language: null, days: 1 })
  const callers: Record<string, () => Record<string, string>> = {
    anonymous: () => ({}),
    nothing: () => session(ids.nothing), support: () => session(ids.support), viewer: () => session(ids.viewer),
    operator: () => session(ids.operator), admin: () => session(ids.admin),
    disabled: () => gone,
    token: () => ({ authorization: `Bearer ${token}` }),
    key: () => ({ authorization: `Bearer ${key}` }),
    display: () => ({ cookie: `bongsu-display=${new URL(display, 'http://x').searchParams.get('key')}` }),
  }
  const mounted = Object.fromEntries(declared.map(({ path, method }) => [`${method} ${path}`, api.find(route => route.path === path && route.method.toUpperCase() === method)!.handler]))
  const app = await startApp({ ...mounted, '* /api/**': defineEventHandler(event => answerUnrouted(event, routes)) }, { access, clock })
  return { ...app, callers }
}

const filled = (path: string) => path.replace(/:\w+/g, 'x')
const fits = (template: string, path: string) => new RegExp(`^${template.replace(/:\w+/g, '[^/]+')}$`).test(path)
/** Whoever is let through meets missing rooms and made-up ids: only what the wrapper decides is of interest. */
const verdict = ({ status }: Answer) => (status === 401 || status === 403 ? String(status) : 'ok')

describe('AZ-02 who may call what', () => {
  it('is as it was reviewed', async () => {
    const { ask, callers } = await startAll()
    const lines = [['', 'needs', ...Object.keys(callers)]]
    for (const { path, method, declaration } of declared) {
      const verdicts = []
      for (const headers of Object.values(callers)) {
        verdicts.push(verdict(await ask(filled(path), { method, headers: headers(), ...(method !== 'GET' && { body: {} }) })))
      }
      const scope = declaration.scope ? ` (${declaration.scope})` : ''
      lines.push([`${method} ${path}`, declaration.permission + scope, ...verdicts])
    }
    const widths = lines[0]!.map((_, column) => Math.max(...lines.map(line => line[column]!.length)))
    const table = lines.map(line => line.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()).join('\n')
    // A new route, or a changed right, shows up here: look at each line before accepting it with `--update`.
    await expect(`${table}\n`).toMatchFileSnapshot('./access-matrix.txt')
  }, 60_000)

  it('is nobody where a path does not answer a method: 405, with those it does', async () => {
    const { ask, callers } = await startAll()
    for (const path of new Set(declared.map(route => filled(route.path)))) {
      // A made-up id may stand where another template has a word.
      const known = [...new Set(declared.filter(route => fits(route.path, path)).map(route => route.method))].sort()
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'].filter(method => !known.includes(method))) {
        const { status, headers } = await ask(path, { method, headers: callers.admin!() })
        expect({ path, method, status, allow: headers.allow }).toEqual({ path, method, status: 405, allow: known.join(', ') })
        expect(headers['access-control-allow-origin']).toBeUndefined()
      }
    }
  }, 60_000)
})

describe('AZ-03 another spelling of a path', () => {
  const spellings: [string, (path: string) => string][] = [
    ['upper case', path => path.toUpperCase()],
    ['mixed case', path => path.replace('/api/', '/Api/')],
    ['a trailing slash', path => `${path}/`],
    ['a doubled slash', path => path.replace('/api/', '/api//')],
    ['an encoded letter', path => path.replace('/api/', '/%61pi/')],
    ['a letter encoded twice', path => path.replace('/api/', '/%2561pi/')],
    ['a path parameter', path => `${path};x`],
    ['dot segments', path => path.replace('/api/', '/api/./session/../')],
    ['a payload', path => `${path}/_payload.json`],
    ['a query that looks like one', path => `${path}?_payload.json`],
  ]
  const guarded = declared.filter(({ method, declaration }) => method === 'GET' && !['public', 'signedIn'].includes(declaration.permission))

  it.each(spellings)('lets nobody in who lacks the right: %s', async (_, spell) => {
    const { ask, callers } = await startAll()
    for (const { path } of guarded) {
      for (const method of ['GET', 'HEAD']) {
        const { status } = await ask(spell(filled(path)), { method, headers: { ...callers.nothing!(), 'x-http-method-override': 'GET' } })
        expect({ path: spell(filled(path)), method, status }).toMatchObject({ status: expect.toSatisfy((status: number) => status >= 400) })
      }
    }
  }, 60_000)
})
