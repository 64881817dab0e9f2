import { getCookie, type H3Event } from 'h3'
import { anonymous, can, type Actor } from '#server/access/access'
import type { Services } from '#server/services'
import { AppError, type ErrorCode } from '#shared/errors'
import type { Requirement } from '#shared/permissions'
import type { IngestScope } from '#shared/schemas/ingest-scope'
import { displayCookieName } from './display-cookie'
import { sessionCookieName } from './session-cookie'

interface Asked { permission: Requirement, scope?: IngestScope, displays?: boolean }

/** Refusals that say something about the caller's rights, not about what was sent. */
const refusals: ReadonlySet<ErrorCode> = new Set(['access.forbidden', 'access.escalation', 'access.own_role', 'access.last_admin', 'request.cross_site'])

/** Looked up for every request, so that a revoked session or a changed role counts from the next one on. */
export function identify(event: H3Event, { access, config }: Services, permission: Requirement): Actor {
  const bearer = bearerOf(event)
  if (permission === 'machine') {
    const key = bearer ?? headerOf(event, 'x-ingest-key')
    return (key !== undefined && access.identifyKey(key)) || anonymous
  }
  if (bearer !== undefined) return access.identifyToken(bearer) ?? anonymous
  const session = getCookie(event, sessionCookieName(config))
  const person = session && access.identifySession(session)
  if (person) return person
  const display = getCookie(event, displayCookieName(config))
  return (display && access.identifyDisplay(display)) || anonymous
}

const readers = new WeakMap<H3Event, Actor>()

/** Who asked for the page of this event, looked up once however much the page asks for. */
export function identifyReader(event: H3Event, services: Services): Actor {
  let reader = readers.get(event)
  if (!reader) readers.set(event, reader = identify(event, services, 'public'))
  return reader
}

export function authorise(asked: Asked, actor: Actor, { access }: Services): void {
  const { permission, displays } = asked
  if (permission === 'public') return
  if (actor.kind === 'anonymous' || (actor.kind === 'display' && permission === 'signedIn' && !displays)) throw new AppError('access.sign_in_required')
  if (permission === 'signedIn') return
  if (permission === 'machine') {
    if (actor.kind === 'key' && asked.scope && actor.scopes.includes(asked.scope)) return
    throw new AppError('access.forbidden', { permission: asked.scope })
  }
  if (!can(actor, permission)) throw new AppError('access.forbidden', { permission })
  access.noteUse(actor, permission)
}

/** Refusals of people and keys are written down one by one, all others are counted. */
export function recordIfRefused(
  failure: AppError, { permission }: Asked, actor: Actor, { access }: Services, request: { id: string, method: string, route: string },
): void {
  // Nobody is behind a screen either.
  if (actor.kind === 'anonymous' || actor.kind === 'display') {
    if (failure.code === 'access.sign_in_required' || refusals.has(failure.code)) access.countRefusal(failure.code)
  }
  else if (refusals.has(failure.code)) {
    access.recordRefusal(actor, { code: failure.code, permission, requestId: request.id, method: request.method, route: request.route })
  }
}

function bearerOf(event: H3Event): string | undefined {
  const header = headerOf(event, 'authorization')
  return header === undefined ? undefined : /^Bearer +(\S+)$/i.exec(header)?.[1] ?? ''
}

function headerOf(event: H3Event, name: string): string | undefined {
  const value = event.node.req.headers[name]
  return Array.isArray(value) ? value[0] : value
}
