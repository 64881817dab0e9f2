import type { EventHandler, H3Event } from 'h3'
import { anonymous } from '#server/access/access'
import type { Services } from '#server/services'
import { AppError } from '#shared/errors'
import { createRequestContext } from './request-context'
import { recordRequest } from './request-log'
import { writeProblem } from './write-answer'

interface Route { path: string, method: string, handler: unknown }

/**
 * What no route file names: HEAD is answered as its GET without the body, another method of a known path is refused
 * with those it has, everything else is not found.
 */
export async function answerUnrouted(event: H3Event, routes: Route[]): Promise<unknown> {
  const path = event.path.split('?', 1)[0]!
  const here = routes.flatMap((route) => {
    const params = route.method === 'all' ? undefined : match(route.path, path)
    return params ? [{ ...route, params }] : []
  })
  const reading = here.find(route => route.method === 'get')
  if (event.method === 'HEAD' && reading) {
    event.context.params = reading.params
    event.context.matchedRoute = { path: reading.path, handlers: {} }
    return (reading.handler as EventHandler)(event)
  }

  const services: Services = event.context.services
  const request = createRequestContext(event, services, anonymous, {})
  const failure = here.length ? new AppError('route.method_not_allowed', { method: event.method }) : new AppError('route.not_found')
  request.setHeader('cache-control', 'no-store')
  request.setHeader('x-request-id', request.id)
  if (here.length) request.setHeader('allow', [...new Set(here.map(route => route.method.toUpperCase()))].sort().join(', '))
  writeProblem(event, failure, request)
  recordRequest({ request: { ...request, route: '' }, status: failure.status, actor: anonymous, failure, notes: {}, milliseconds: 0 })
}

/** Segment by segment, as the router does: `/api/users/:id`. */
function match(template: string, path: string): Record<string, string> | undefined {
  const wanted = template.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [i, segment] of wanted.entries()) {
    if (segment.startsWith(':')) params[segment.slice(1)] = given[i]!
    else if (segment !== given[i]) return undefined
  }
  return params
}
