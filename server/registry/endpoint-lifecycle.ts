import { eq } from 'drizzle-orm'
import { recordAudit, type UserActor } from '#server/access/access'
import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import { endpoints } from '#server/db/control/schema'
import { AppError } from '#shared/errors'
import { isLive, nextLifecycle, type LifecycleVerb } from '#shared/registry/lifecycle'
import type { Endpoint, Lifecycle, RevisionKind, StepEndpoint } from '#shared/schemas/endpoint'
import { addRevision, auditOf, fieldsOf, findRow, requireFreeRoute, toEndpoint } from './endpoint-rows'

const kinds: Record<LifecycleVerb, RevisionKind> = { activate: 'activated', deprecate: 'deprecated', retire: 'retired', restore: 'reinstated' }
/** Where a refused verb would have led, for the sentence that says no. */
const goals: Record<LifecycleVerb, Lifecycle> = { activate: 'active', deprecate: 'deprecated', retire: 'retired', restore: 'active' }

/** draft → active → deprecated → retired, and back; each step is a revision. */
export function createEndpointLifecycle({ db, clock, changed }: { db: Database, clock: Clock, changed: () => void }) {
  function step(actor: UserActor, id: string, verb: LifecycleVerb, { revision }: StepEndpoint, sunset: string | null = null): Endpoint {
    const moved = db.transaction((tx) => {
      const row = findRow(tx, id)
      if (row.revision !== revision) throw new AppError('endpoint.stale', { revision: row.revision })
      const lifecycle = nextLifecycle(verb, row.lifecycle, row.wentLiveAt !== null)
      if (!lifecycle) throw new AppError('endpoint.transition', { from: row.lifecycle, to: goals[verb] })
      const at = clock.now()
      // Deprecated and active share the right to a route: only coming alive can collide.
      if (!isLive(row.lifecycle)) requireFreeRoute(tx, lifecycle, fieldsOf(row), id)
      const next = tx.update(endpoints).set({
        lifecycle,
        // A retired endpoint keeps the day it was announced for.
        sunset: lifecycle === 'retired' ? row.sunset : sunset,
        lifecycleSince: at,
        wentLiveAt: row.wentLiveAt ?? (isLive(lifecycle) ? at : null),
        revision: row.revision + 1,
        updatedAt: at,
      }).where(eq(endpoints.id, id)).returning().get()!
      addRevision(tx, next, { actor, kind: kinds[verb], at })
      recordAudit(tx, {
        actor, action: `endpoint.${verb}`, permission: 'endpoints:write', ...auditOf(next),
        before: { lifecycle: row.lifecycle, sunset: row.sunset }, after: { lifecycle: next.lifecycle, sunset: next.sunset }, at,
      })
      return next
    }, { behavior: 'immediate' })
    changed()
    return toEndpoint(moved)
  }

  return {
    activate: (actor: UserActor, id: string, seen: StepEndpoint) => step(actor, id, 'activate', seen),
    deprecate(actor: UserActor, id: string, { sunset, revision }: StepEndpoint & { sunset: string }) {
      // Days of a calendar that reaches from UTC-12 to UTC+14: yesterday here may be today there.
      if (Date.parse(sunset) < clock.now().getTime() - 2 * 86_400_000) throw new AppError('endpoint.sunset_past', { sunset })
      return step(actor, id, 'deprecate', { revision }, sunset)
    },
    retire: (actor: UserActor, id: string, seen: StepEndpoint) => step(actor, id, 'retire', seen),
    restore: (actor: UserActor, id: string, seen: StepEndpoint) => step(actor, id, 'restore', seen),
  }
}
