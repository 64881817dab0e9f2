import type { OperationsRow, RequestsRow } from '#server/telemetry/ports'
import type { ErrorCause } from './state-reason'

/** One route takes nearly all of the failures, or the failing calls to one callee are at least half as many. */
const concentrated = 0.9
const explained = 0.5

/**
 * What explains the failures of a service. For a service whose endpoints are registered that is the endpoint, because
 * its readers think in endpoints; for those behind it, the callee.
 */
export function findErrorCause({ failed, routes, calls, templateOf }: {
  /** Failed requests of the service. */
  failed: number
  /** Its requests by route. */
  routes: RequestsRow[]
  /** Its outgoing calls by callee. */
  calls: OperationsRow[]
  /** The template as registered; undefined where nobody registered the route. */
  templateOf: (row: RequestsRow) => string | undefined
}): ErrorCause | undefined {
  if (failed <= 0) return undefined
  const worstRoute = most(routes)
  const worstCall = most(calls.filter(call => call.remote))
  const template = worstRoute && templateOf(worstRoute)
  const routeShare = (worstRoute?.failed ?? 0) / failed
  const callShare = Math.min(1, (worstCall?.failed ?? 0) / failed)

  if (template !== undefined && routes.length > 1 && routeShare >= concentrated) {
    return { kind: 'route', method: worstRoute!.method ?? '', route: template, share: Math.min(1, routeShare) }
  }
  if (worstCall && callShare >= explained) return { kind: 'remote', remote: worstCall.remote!, share: callShare }
  if (routes.length > 1 && routeShare >= concentrated) {
    return { kind: 'route', method: worstRoute!.method ?? '', route: worstRoute!.routeKey ?? '', share: Math.min(1, routeShare) }
  }
  return undefined
}

function most<R extends { failed: number }>(rows: R[]): R | undefined {
  return rows.filter(row => row.failed > 0).sort((a, b) => b.failed - a.failed)[0]
}
