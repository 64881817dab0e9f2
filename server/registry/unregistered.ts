import { and, eq } from 'drizzle-orm'
import type { z } from 'zod'
import { can, recordAudit, type UserActor } from '#server/access/access'
import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import { endpoints, ignoredRoutes } from '#server/db/control/schema'
import type { MetricSource, SeenRoute } from '#server/telemetry/ports'
import { suggestTemplate } from '#shared/registry/suggest'
import { NO_ROUTE, OTHER_ROUTES } from '#shared/route-key'
import type { ignoreRoute, listUnregistered, unregisteredRoutes } from '#shared/schemas/endpoint-list'
import { toAnsweredWindow, toSentWarning } from '#shared/schemas/time-range'
import { DAY } from '#shared/units'
import { routeId } from './figures'
import { listOrNothing, orNothing, together } from './partial'

/** Traffic of routes that nobody registered, and those of them that nobody means to. */
export function createUnregistered({ db, clock, metrics }: { db: Database, clock: Clock, metrics: MetricSource }) {
  return {
    async list(actor: UserActor, { service, show }: z.output<typeof listUnregistered>, signal?: AbortSignal): Promise<z.input<typeof unregisteredRoutes>> {
      const to = clock.now()
      const window = { from: new Date(to.getTime() - DAY), to }
      const where = service ? { service: service.toLowerCase() } : undefined
      const [seen, called] = await Promise.all([
        listOrNothing(metrics.name, metrics.seen({ ...where, since: window.from }, signal)),
        orNothing(metrics.name, metrics.requests({ window, groupBy: ['service', 'method', 'routeKey', ...(metrics.capabilities.byConsumer ? ['consumer' as const] : [])], where, countsOnly: true }, signal)),
      ])
      const calls = new Map<string, { requests: number, consumers: [id: string, requests: number][] }>()
      for (const row of called.data) {
        const id = routeId({ service: row.service!, method: row.method!, routeKey: row.routeKey! })
        const call = calls.get(id) ?? { requests: 0, consumers: [] }
        calls.set(id, call)
        call.requests += row.requests
        if (row.consumer && row.consumer !== 'unknown') call.consumers.push([row.consumer, row.requests])
      }

      const rows = db.select({ service: endpoints.service, method: endpoints.method, routeKey: endpoints.routeKey }).from(endpoints).all()
      const registered = new Set(rows.map(routeId))
      const published = new Set(rows.map(row => row.service))
      const leftOut = new Map(db.select().from(ignoredRoutes).all().map(row => [routeId(row), row]))
      // A consumer of messages has no method, and what has no route of its own cannot be registered as one.
      const unknown = seen.data.filter(route => route.method && route.routeKey !== NO_ROUTE && route.routeKey !== OTHER_ROUTES && !registered.has(routeId(route)))
      const by = { open: [] as SeenRoute[], inner: [] as SeenRoute[], ignored: [] as SeenRoute[] }
      // While nothing is published, any service may turn out to be the one that will be.
      for (const route of unknown) by[leftOut.has(routeId(route)) ? 'ignored' : !published.size || published.has(route.service) ? 'open' : 'inner'].push(route)

      return {
        routes: by[show].map((route) => {
          const call = calls.get(routeId(route))
          const left = leftOut.get(routeId(route))
          return {
            service: route.service, method: route.method, routeKey: route.routeKey,
            template: suggestTemplate(route.routeKey),
            samplePath: route.samplePath ?? null,
            requests: call?.requests ?? 0,
            consumers: can(actor, 'consumers:read') ? (call?.consumers ?? []).sort((a, b) => b[1] - a[1]).map(([id]) => id) : null,
            firstSeen: route.firstSeen.toISOString(),
            lastSeen: route.lastSeen.toISOString(),
            ignored: left ? { by: left.by, at: left.at.toISOString() } : null,
          }
        }).sort((a, b) => b.requests - a.requests || a.routeKey.localeCompare(b.routeKey)),
        counts: { open: by.open.length, inner: by.inner.length, ignored: by.ignored.length },
        window: toAnsweredWindow(window),
        population: called.population,
        warnings: together(seen, called).map(toSentWarning),
      }
    },

    ignore(actor: UserActor, { service, method, routeKey, ignored }: z.output<typeof ignoreRoute>) {
      const route = and(eq(ignoredRoutes.service, service), eq(ignoredRoutes.method, method), eq(ignoredRoutes.routeKey, routeKey))
      db.transaction((tx) => {
        const at = clock.now()
        const held = tx.select().from(ignoredRoutes).where(route).get()
        if (Boolean(held) === ignored) return
        if (ignored) tx.insert(ignoredRoutes).values({ service, method, routeKey, by: actor.name, at }).run()
        else tx.delete(ignoredRoutes).where(route).run()
        recordAudit(tx, {
          actor, action: ignored ? 'route.ignore' : 'route.unignore', permission: 'endpoints:write',
          params: { service, method, routeKey }, subject: { kind: 'route', id: routeId({ service, method, routeKey }) }, at,
        })
      }, { behavior: 'immediate' })
    },
  }
}
