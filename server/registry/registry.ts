import { asc, ne } from 'drizzle-orm'
import type { UserActor } from '#server/access/access'
import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import { endpoints, services } from '#server/db/control/schema'
import type { MetricSource } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'
import { createKeyMask } from '#shared/masked-keys'
import { isLive } from '#shared/registry/lifecycle'
import type { Endpoint, EndpointDetail, Lifecycle } from '#shared/schemas/endpoint'
import type { Millis } from '#shared/units'
import { createChanges } from './changes'
import { createConsumers } from './consumers'
import { createDiscovery } from './discovery'
import { createEndpointLifecycle } from './endpoint-lifecycle'
import { createEndpointList, type Health } from './endpoint-list'
import { findRow } from './endpoint-rows'
import { createEndpoints } from './endpoints'
import { routeId, type RouteRef } from './figures'
import { listOrNothing } from './partial'
import { createPreview } from './preview'
import { createRevisions } from './revisions'
import { createServiceRegister } from './services'
import { createUnregistered } from './unregistered'

export { routeId, type RouteRef } from './figures'
export type { Health } from './endpoint-list'

/** What an endpoint asks of its requests; null where its service, then the product, decides. */
export interface RegisteredRoute extends RouteRef {
  id: string
  template: string
  lifecycle: Lifecycle
  nameKo: string
  nameEn: string
  ownerTeam: string
  /** Whether a consumer may send a failed request once more. */
  repeatSafe: 'yes' | 'no' | 'unknown'
  /** p95 in ms. */
  latencyObjective: Millis | null
  errorDegraded: number | null
  errorCritical: number | null
  availabilityObjective: number
}

export interface RegisteredService {
  /** Lower case. */
  name: string
  display: string
  /** 1 to 12 of the palette. */
  colour: number
  ownerTeam: string
  /** p95 in ms for its endpoints without an objective of their own. */
  latencyThreshold: Millis | null
}

export type Registry = ReturnType<typeof createRegistry>

/** Services, endpoints, consumers and changes: what is known of the platform besides what is measured. */
export function createRegistry({ db, clock, metrics, maskedKeys }: { db: Database, clock: Clock, metrics: MetricSource, maskedKeys: readonly string[] }) {
  const listeners = new Set<() => void>()
  let held: { routes: RegisteredRoute[], services: Map<string, RegisteredService> } | undefined
  const changed = () => {
    held = undefined
    for (const listener of listeners) listener()
  }
  const room = { db, clock, metrics, changed }
  const register = createEndpoints(room)
  const changes = createChanges({ db, clock, isSecret: createKeyMask(maskedKeys) })
  const discovery = createDiscovery({ ...room, changes })

  /** Read for every judgement and every page, changed a few times a day: kept until it does. */
  function known() {
    return held ??= {
      routes: db.select().from(endpoints).where(ne(endpoints.lifecycle, 'retired')).all().map(row => ({
        id: row.id, service: row.service, method: row.method, routeKey: row.routeKey, template: row.template, lifecycle: row.lifecycle,
        nameKo: row.nameKo, nameEn: row.nameEn, ownerTeam: row.ownerTeam, repeatSafe: row.repeatSafe, latencyObjective: row.latencyObjective,
        errorDegraded: row.errorDegraded, errorCritical: row.errorCritical, availabilityObjective: row.availabilityObjective,
      })),
      services: new Map(db.select().from(services).orderBy(asc(services.name)).all().map(({ name, display, colour, ownerTeam, latencyThreshold }) =>
        [name, { name, display, colour, ownerTeam, latencyThreshold }])),
    }
  }

  /** Undefined also where the calls are another's, who is live on the same route. */
  async function lastCallOf(endpoint: Endpoint, signal?: AbortSignal): Promise<Date | undefined> {
    const id = routeId(endpoint)
    if (known().routes.some(route => route.id !== endpoint.id && isLive(route.lifecycle) && routeId(route) === id)) return undefined
    return (await metrics.seen({ service: endpoint.service }, signal)).find(route => routeId(route) === id)?.lastSeen
  }

  return {
    endpoints: {
      ...register,
      ...createEndpointLifecycle(room),
      ...createEndpointList(room),
      ...createPreview(room),
      async detail(id: string, health: Health = () => undefined, signal?: AbortSignal): Promise<EndpointDetail> {
        const endpoint = register.find(id)
        const seen = await listOrNothing(metrics.name, lastCallOf(endpoint, signal).then(at => at ? [at] : []))
        const { wentLiveAt } = findRow(db, id)
        return {
          endpoint,
          colour: known().services.get(endpoint.service)!.colour,
          serviceThreshold: known().services.get(endpoint.service)!.latencyThreshold,
          health: (isLive(endpoint.lifecycle) && health(id)) || null,
          lastCall: seen.data[0]?.toISOString() ?? null,
          deletable: endpoint.lifecycle === 'draft' && !wentLiveAt && !seen.failed && !seen.data.length,
        }
      },

      /** A draft that was never called leaves without a trace but its audit rows; everything else retires. */
      async remove(actor: UserActor, id: string, signal?: AbortSignal) {
        if (await lastCallOf(register.find(id), signal)) throw new AppError('endpoint.not_deletable', { id })
        register.remove(actor, id)
      },
    },
    revisions: createRevisions(room),
    services: createServiceRegister(room),
    consumers: createConsumers(room),
    changes,
    unregistered: createUnregistered(room),

    /** The register as it is now, for rooms that ask all the time. */
    known: {
      /** All that is not retired, drafts included. */
      endpoints: (): RegisteredRoute[] => known().routes,
      /** For matching paths: retired ones too, because they may still be called. */
      templates: () => db.select({ service: endpoints.service, method: endpoints.method, template: endpoints.template }).from(endpoints).all(),
      services: (): RegisteredService[] => [...known().services.values()],
      service: (name: string): RegisteredService | undefined => known().services.get(name),
      changes: changes.list,
    },

    /** Told after every change of what is registered; the answer ends it. */
    onChange(listener: () => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },

    /** Looks into the traffic for new services, versions and consumers. */
    discover: discovery.look,
  }
}
