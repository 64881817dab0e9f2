import { getCookie, type H3Event } from 'h3'
import type { Actor } from '#server/access/access'
import type { Services } from '#server/services'
import type { SessionView } from '#shared/schemas/access-views'
import type { RequestContext } from './request-context'
import { expiredSessionCookie, sessionCookie, sessionCookieName } from './session-cookie'

/** Hands the browser its session and answers who it stands for. */
export function openSession(event: H3Event, { access, config }: Services, token: string): Actor {
  event.node.res.setHeader('set-cookie', sessionCookie(config, token))
  return access.identifySession(token)!
}

export function closeSession(event: H3Event, { access, config }: Services, actor: Actor): void {
  const token = getCookie(event, sessionCookieName(config))
  if (token) access.sessions.end(actor, token)
  event.node.res.setHeader('set-cookie', expiredSessionCookie(config))
}

/** After a change of rights the browser gets a new token; only asked where a browser is there to take it. */
export function renewSession(event: H3Event, services: Services, request: Pick<RequestContext, 'address' | 'userAgent'>, actor: Actor): Actor {
  if (actor.kind !== 'user' || actor.via.kind !== 'session' || !actor.via.renew || !request.address) return actor
  const token = services.access.sessions.renew(getCookie(event, sessionCookieName(services.config))!, request)
  return token ? openSession(event, services, token) : actor
}

export function describeSession({ access, config }: Services, actor: Actor, { language, zone }: Pick<RequestContext, 'language' | 'zone'>): SessionView {
  const user = access.describe(actor)
  return {
    user,
    display: actor.kind === 'display' ? { name: actor.name, language: actor.language, expiresAt: actor.expiresAt.toISOString() } : null,
    environment: { name: config.environmentName, zone: config.timeZone },
    language: user?.language ?? language,
    zone: user?.zone ?? zone,
    setup: !access.links.isSetUp(),
  }
}
