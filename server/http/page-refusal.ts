import type { H3Error, H3Event } from 'h3'
import type { Services } from '#server/services'
import { isPermission } from '#shared/permissions'
import { identify } from './authorise'
import { createRequestContext, withRequest } from './request-context'

/** A page that was refused is written down like a route that was: with the address, because it names what was wanted. */
export function recordPageRefusal(event: H3Event, { statusCode, data }: H3Error): void {
  const { code, params } = (data ?? {}) as { code?: string, params?: { permission?: string } }
  const services: Services | undefined = event.context.services
  const permission = params?.permission ?? ''
  if (!services || statusCode !== 403 || code !== 'access.forbidden' || !isPermission(permission)) return
  const actor = identify(event, services, permission)
  if (actor.kind === 'anonymous' || actor.kind === 'display') return
  const request = createRequestContext(event, services, actor, {})
  const route = event.path.split('?')[0]!.slice(0, 200)
  services.access.recordRefusal(withRequest(actor, request), { code, permission, requestId: request.id, method: event.method, route })
}
