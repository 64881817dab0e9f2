import type { Actor } from '#server/access/access'
import type { AppError } from '#shared/errors'
import { log } from './log'
import type { RequestContext } from './request-context'

/** What a route adds to its request's record: the subject, what it asked for, how long that took. */
export type RequestNotes = Record<string, string | number | boolean | undefined>

/** One record a request. */
export function recordRequest({ request, status, actor, failure, notes, milliseconds }: {
  request: Pick<RequestContext, 'id' | 'method' | 'route' | 'address'>
  status: number
  actor: Actor
  failure: AppError | undefined
  notes: RequestNotes
  milliseconds: number
}): void {
  const record = {
    event: 'http.request',
    requestId: request.id,
    method: request.method,
    route: request.route,
    status,
    ms: Math.round(milliseconds * 10) / 10,
    address: request.address,
    actor: actor.kind === 'anonymous' ? undefined : `${actor.kind}:${actor.id}`,
    code: failure?.code,
    ...notes,
    // The cause stays here: the caller gets the code and the request id.
    err: failure?.status === 500 ? failure.cause : undefined,
  }
  if (status >= 500) log.error(record)
  else log.info(record)
}
