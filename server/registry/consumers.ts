import { asc, eq, inArray, ne } from 'drizzle-orm'
import type { z } from 'zod'
import { recordAudit, type UserActor } from '#server/access/access'
import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import { consumers, endpoints } from '#server/db/control/schema'
import type { MetricSource, RequestsRow } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'
import type { Consumer, consumerDetail, endpointConsumers, listedConsumers, UpdateConsumer } from '#shared/schemas/consumer'
import { toAnsweredWindow, toSentWarning, windowOf, type TimeRangeQuery } from '#shared/schemas/time-range'
import { findRow } from './endpoint-rows'
import { routeId } from './figures'
import { orNothing } from './partial'

type ConsumerRow = typeof consumers.$inferSelect
type EndpointRow = typeof endpoints.$inferSelect

/** Who calls: appears from traffic, is named and given a contact here. */
export function createConsumers({ db, clock, metrics }: { db: Database, clock: Clock, metrics: MetricSource }) {
  return {
    find,

    async list(query: TimeRangeQuery, signal?: AbortSignal): Promise<z.input<typeof listedConsumers>> {
      const window = windowOf(query, clock.now())
      const { data, population, warnings } = await orNothing(metrics.name, metrics.requests({ window, groupBy: ['consumer', 'service', 'method', 'routeKey'], countsOnly: true }, signal))
      const registered = byRoute()
      const sums = new Map<string, { requests: number, failed: number, clientErrors: number, endpoints: number }>()
      for (const row of data) {
        // A consumer's id is handed down to inner services: only what it called itself is counted.
        if (!registered.has(idOf(row))) continue
        const sum = sums.get(row.consumer!) ?? { requests: 0, failed: 0, clientErrors: 0, endpoints: 0 }
        sums.set(row.consumer!, sum)
        sum.requests += row.requests
        sum.failed += row.failed
        sum.clientErrors += row.clientErrors
        sum.endpoints++
      }
      const none = { requests: 0, failed: 0, clientErrors: 0, endpoints: 0 }
      const { endpoints: _, ...unknown } = sums.get('unknown') ?? none
      return {
        consumers: db.select().from(consumers).orderBy(asc(consumers.id)).all()
          .map(row => ({ ...toConsumer(row), ...(sums.get(row.id) ?? none) }))
          .sort((a, b) => b.requests - a.requests),
        unknown,
        window: toAnsweredWindow(window),
        population,
        warnings: warnings.map(toSentWarning),
      }
    },

    async detail(id: string, query: TimeRangeQuery, signal?: AbortSignal): Promise<z.input<typeof consumerDetail>> {
      const consumer = find(id)
      const window = windowOf(query, clock.now())
      const { data, population, warnings } = await orNothing(metrics.name, metrics.requests({ window, groupBy: ['service', 'method', 'routeKey'], where: { consumer: id } }, signal))
      const registered = byRoute()
      return {
        consumer,
        calls: data.map((row) => {
          const endpoint = registered.get(idOf(row))
          return {
            service: row.service!, method: row.method!, routeKey: row.routeKey!,
            endpoint: endpoint ? { id: endpoint.id, method: endpoint.method, template: endpoint.template, nameKo: endpoint.nameKo, nameEn: endpoint.nameEn } : null,
            requests: row.requests, failed: row.failed, clientErrors: row.clientErrors, p50: row.p50 ?? null, p95: row.p95 ?? null,
          }
        }).sort((a, b) => Number(!a.endpoint) - Number(!b.endpoint) || b.requests - a.requests),
        window: toAnsweredWindow(window),
        population,
        warnings: warnings.map(toSentWarning),
      }
    },

    update(actor: UserActor, id: string, input: UpdateConsumer): Consumer {
      db.transaction((tx) => {
        const row = tx.select().from(consumers).where(eq(consumers.id, id)).get()
        if (!row) throw new AppError('consumer.not_found', { id })
        const names = (['name', 'contact', 'note'] as const).filter(field => input[field] !== undefined && input[field] !== row[field])
        if (!names.length) return
        const at = clock.now()
        const only = (from: UpdateConsumer) => Object.fromEntries(names.map(field => [field, from[field]]))
        tx.update(consumers).set({ ...only(input), updatedAt: at }).where(eq(consumers.id, id)).run()
        recordAudit(tx, { actor, action: 'consumer.update', permission: 'consumers:write', params: { id }, subject: { kind: 'consumer', id }, before: only(row), after: only(input), at })
      }, { behavior: 'immediate' })
      return find(id)
    },

    /** Who calls an endpoint, how much and how well. */
    async ofEndpoint(id: string, query: TimeRangeQuery, signal?: AbortSignal): Promise<z.input<typeof endpointConsumers>> {
      const { service, method, routeKey } = findRow(db, id)
      const window = windowOf(query, clock.now())
      const { data, population, warnings } = await orNothing(metrics.name, metrics.requests({ window, groupBy: ['consumer'], where: { service, method, routeKey } }, signal))
      const known = data.filter(row => row.consumer !== 'unknown')
      const names = readNames(known.map(row => row.consumer!))
      const unknown = data.find(row => row.consumer === 'unknown')
      return {
        consumers: known.map(row => ({
          id: row.consumer!, name: names.get(row.consumer!) ?? '',
          requests: row.requests, failed: row.failed, clientErrors: row.clientErrors, p50: row.p50 ?? null, p95: row.p95 ?? null,
        })).sort((a, b) => b.requests - a.requests),
        unknown: { requests: unknown?.requests ?? 0, failed: unknown?.failed ?? 0, clientErrors: unknown?.clientErrors ?? 0 },
        window: toAnsweredWindow(window),
        population,
        warnings: warnings.map(toSentWarning),
      }
    },
  }

  function find(id: string): Consumer {
    const row = db.select().from(consumers).where(eq(consumers.id, id)).get()
    if (!row) throw new AppError('consumer.not_found', { id })
    return toConsumer(row)
  }

  function readNames(ids: string[]): Map<string, string> {
    if (!ids.length) return new Map()
    return new Map(db.select().from(consumers).where(inArray(consumers.id, ids)).all().map(row => [row.id, row.name]))
  }

  /** Whoever holds a route now; a live endpoint before a draft or a retired one. */
  function byRoute(): Map<string, EndpointRow> {
    const rows = db.select().from(endpoints).where(ne(endpoints.lifecycle, 'draft')).all()
    const live = (row: EndpointRow) => Number(row.lifecycle !== 'retired')
    return new Map(rows.sort((a, b) => live(a) - live(b)).map(row => [routeId(row), row]))
  }
}

function idOf(row: RequestsRow): string {
  return routeId({ service: row.service!, method: row.method!, routeKey: row.routeKey! })
}

function toConsumer(row: ConsumerRow): Consumer {
  return { id: row.id, name: row.name, contact: row.contact, note: row.note, firstSeen: row.firstSeenAt?.toISOString() ?? null }
}
