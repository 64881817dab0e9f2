import { and, eq } from 'drizzle-orm'
import { incidentConsumers } from '#server/db/control/schema'
import type { MetricSource, RequestsQuery } from '#server/telemetry/ports'
import { MINUTE, type Millis } from '#shared/units'
import { keepEvidence, readEvidence, type Kept } from './evidence-store'
import { addUpImpact, servedRoutes, stepOf, type Impact } from './impact'
import { consumersOf, findRow, routesOf, symptomsOf, type IncidentRow } from './incident-rows'
import type { Room } from './room'
import { routeIdOf } from './subject'
import type { Topology } from './topology'

/** All requests of the affected functions over time, for the picture in plain words. */
export interface RequestsCourse {
  from: string
  step: Millis
  ok: (number | null)[]
  failed: (number | null)[]
}

/** How much of the time before is shown beside the trouble. */
const before = 16 * MINUTE
/** Requests of which nobody can say who sent them. */
export const unknownConsumer = 'unknown'
const byCaller = ['service', 'method', 'routeKey', 'consumer', 'statusClass'] as const

/**
 * Keeps with the incident who is hurt and how requests went, so that its page asks no source, and still says so when
 * telemetry is gone. An answer that cannot be had leaves what was known.
 */
export function createImpactKeeper({ metrics, topology, pack, ...room }: Room & {
  metrics: MetricSource
  topology: () => Topology
  pack: (value: unknown) => Buffer | Promise<Buffer>
}) {
  const { db, clock, register } = room

  async function refresh(id: string): Promise<void> {
    const row = findRow(db, id)
    if (row.status === 'merged') return
    const routes = servedRoutes(routesOf(symptomsOf(db, [id])), register, topology())
    if (!routes.length) return
    const [impact, course] = await Promise.all([count(row, routes), readCourse(row, routes)])
    const [packedImpact, packedCourse] = await Promise.all([pack(impact), pack(course)])
    const at = clock.now()
    db.transaction((tx) => {
      keepEvidence(tx, id, { kind: 'impact', bytes: packedImpact, at, summary: { failed: impact.failed, slow: impact.slow, total: impact.total } })
      keepEvidence(tx, id, { kind: 'requests', bytes: packedCourse, at })
      const known = new Map(consumersOf(tx, [id]).map(consumer => [consumer.consumer, consumer]))
      for (const { id: consumer, failed, slow, total, firstAt, lastAt } of impact.consumers) {
        if (consumer === unknownConsumer || (failed + (slow ?? 0) === 0 && !known.has(consumer))) continue
        const figures = { failed, slow, total, firstAt, lastAt }
        tx.insert(incidentConsumers).values({ incidentId: id, consumer, ...figures, told: 'open', toldNote: '' })
          .onConflictDoUpdate({ target: [incidentConsumers.incidentId, incidentConsumers.consumer], set: figures }).run()
      }
      // Nobody hurt after all, as long as nobody spoke to them.
      for (const { consumer, told } of known.values()) {
        if (told === 'open' && !impact.consumers.some(({ id, failed, slow }) => id === consumer && failed + (slow ?? 0) > 0)) {
          tx.delete(incidentConsumers).where(and(eq(incidentConsumers.incidentId, id), eq(incidentConsumers.consumer, consumer))).run()
        }
      }
    }, { behavior: 'immediate' })
  }

  async function count(row: IncidentRow, routes: ReturnType<typeof servedRoutes>): Promise<Impact> {
    const window = { from: row.onset, to: new Date(Math.max(row.onset.getTime() + 1, (row.resolvedAt ?? clock.now()).getTime())) }
    const step = stepOf(window)
    const beyond = routes.map(({ service, method, routeKey, limit }) => ({ service, method, routeKey, limit }))
    const where = common(routes)
    const [stepped, all] = await Promise.all([
      metrics.requests({ window, groupBy: [...byCaller], step, beyond, where }),
      metrics.requests({ window, groupBy: ['service', 'method', 'routeKey', 'consumer'], countsOnly: true }),
    ])
    const affected = new Set(routes.map(routeIdOf))
    const isTold = stepped.data.every(row => row.slow !== undefined || !affected.has(routeIdOf(row)))
    const whole = isTold ? undefined : await metrics.requests({ window, groupBy: [...byCaller], beyond, where })
    const registered = new Set(register.endpoints().filter(({ lifecycle }) => lifecycle !== 'draft').map(routeIdOf))
    const summed = addUpImpact({ rows: stepped.data, all: all.data, routes, registered, window, step, ...(whole && { whole: whole.data }) })
    return { ...summed, population: stepped.population, warnings: [...stepped.warnings, ...whole?.warnings ?? []] }
  }

  async function readCourse(row: IncidentRow, routes: ReturnType<typeof servedRoutes>): Promise<RequestsCourse> {
    const to = row.resolvedAt ? new Date(Math.min(clock.now().getTime(), row.resolvedAt.getTime() + before / 2)) : clock.now()
    const window = { from: new Date(row.onset.getTime() - before), to }
    const step = Math.max(MINUTE, stepOf(window))
    const grid = { from: new Date(Math.floor(window.from.getTime() / step) * step), to }
    const wanted = new Set(routes.map(routeIdOf))
    const { data } = await metrics.requests({ window: grid, groupBy: ['service', 'method', 'routeKey'], step, countsOnly: true, where: common(routes) })
    const length = Math.max(1, Math.ceil((to.getTime() - grid.from.getTime()) / step))
    const course: RequestsCourse = { from: grid.from.toISOString(), step, ok: Array.from({ length }, () => null), failed: Array.from({ length }, () => null) }
    for (const { at, requests, failed, ...route } of data) {
      const i = Math.floor((at!.getTime() - grid.from.getTime()) / step)
      if (!wanted.has(routeIdOf(route)) || i < 0 || i >= length) continue
      course.ok[i] = (course.ok[i] ?? 0) + requests - failed
      course.failed[i] = (course.failed[i] ?? 0) + failed
    }
    return course
  }

  return { refresh }
}

/** What all routes share: steps of every route and every caller of a platform would be too much to carry. */
function common(routes: ReturnType<typeof servedRoutes>): NonNullable<RequestsQuery['where']> {
  const { service, method, routeKey } = routes[0]!
  if (routes.length === 1) return { service, method, routeKey }
  return routes.every(route => route.service === service) ? { service } : {}
}

/** As it was kept: dates are text in it. */
export function readImpact(db: Room['db'], id: string): Kept<Impact> | undefined {
  const kept = readEvidence<Impact>(db, id, 'impact')
  if (!kept) return undefined
  const date = (value: Date | null) => value && new Date(value)
  const { from, window, consumers } = kept.value
  return { at: kept.at, value: {
    ...kept.value, from: new Date(from), window: { from: new Date(window.from), to: new Date(window.to) },
    consumers: consumers.map(consumer => ({ ...consumer, firstAt: date(consumer.firstAt), lastAt: date(consumer.lastAt) })),
  } }
}
