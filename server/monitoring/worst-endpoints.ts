import type { RequestsRow } from '#server/telemetry/ports'
import type { BoardEndpoint } from '#shared/schemas/status'
import { urgency } from '#shared/status/state'
import { routeIdOf, type KnownEndpoint } from './register'
import { toSentLevels, toSentRed, toSentUsual } from './sent'
import { defaultLimits } from '#shared/status/limits'
import type { StateKeeper } from './state-keeper'
import type { Usual } from './usual'

/** Endpoints in trouble first, then those that moved most against their usual. */
export function worstEndpointsOf(keeper: StateKeeper) {
  return function worstEndpoints(watched: KnownEndpoint[], reds: Map<string, RequestsRow>, usual: ReadonlyMap<string, Usual>): BoardEndpoint[] {
    return watched.map((endpoint): BoardEndpoint => {
      const red = reds.get(routeIdOf(endpoint))
      const standing = keeper.endpoint(endpoint.id)
      const { requests, failed, p95 } = toSentRed(red)
      const { id, service, method, template, nameKo, nameEn } = endpoint
      return {
        id, service, method, template, nameKo, nameEn, requests, failed, p95,
        state: standing?.state ?? 'unknown', usual: toSentUsual(usual.get(routeIdOf(endpoint))),
        levels: toSentLevels(red, standing?.limits ?? defaultLimits),
      }
    }).sort((a, b) => rank(a) - rank(b) || moved(b) - moved(a) || b.requests - a.requests || a.template.localeCompare(b.template))
  }
}

/** Silence comes last: what is called and slow needs the first look. */
function rank({ requests, state }: BoardEndpoint): number {
  return requests ? urgency[state] : 9
}

function moved({ p95, usual }: BoardEndpoint): number {
  return p95 && usual ? p95 / usual.p95 : 0
}
