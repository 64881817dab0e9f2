import { and, asc, desc, eq, inArray, or, sql, type SQL } from 'drizzle-orm'
import type { z } from 'zod'
import { can, type UserActor } from '#server/access/access'
import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import { consumers, endpoints, services } from '#server/db/control/schema'
import type { MetricSource, SeenRoute } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'
import { isLive } from '#shared/registry/lifecycle'
import type { ListedEndpoint, ListEndpoints, listedEndpoints } from '#shared/schemas/endpoint-list'
import { limitsOf } from '#shared/status/limits'
import { toAnsweredWindow, toSentWarning, windowOf } from '#shared/schemas/time-range'
import type { State } from '#shared/status/state'
import type { Sentence } from '#shared/text/text'
import { toEndpoint, type EndpointRow } from './endpoint-rows'
import { readFigures, routeId, type Figures } from './figures'
import { byOrder } from './list-order'
import { listOrNothing, together } from './partial'

/** How an endpoint is doing now; judged elsewhere, and only while it is live. */
export type Health = (endpointId: string) => { state: State, reason: Sentence } | undefined

export function createEndpointList({ db, clock, metrics }: { db: Database, clock: Clock, metrics: MetricSource }) {
  return {
    /** Any number of endpoints costs one look into the file and one question per figure. */
    async list(actor: UserActor, query: ListEndpoints, health: Health = () => undefined, signal?: AbortSignal): Promise<z.input<typeof listedEndpoints>> {
      const seesConsumers = can(actor, 'consumers:read')
      if (query.consumer && !seesConsumers) throw new AppError('access.forbidden', { permission: 'consumers:read' })
      const window = windowOf(query, clock.now())
      const [figures, seen] = await Promise.all([
        readFigures(metrics, { window, where: { service: query.service?.toLowerCase(), consumer: query.consumer }, signal }),
        listOrNothing(metrics.name, metrics.seen(undefined, signal)),
      ])

      const owners = findOwners()
      const thresholds = new Map(db.select({ name: services.name, latencyThreshold: services.latencyThreshold }).from(services).all().map(service => [service.name, service]))
      const lastSeen = seen.failed ? undefined : new Map(seen.data.map(route => [routeId(route), route]))
      const found = db.select().from(endpoints).where(matching(query)).orderBy(asc(endpoints.template), asc(endpoints.method)).all()
        .map(row => toListed(row, { owners, thresholds, lastSeen, figures, health, seesConsumers }))
        .filter(row => !query.consumer || row.live)
        .filter(row => query.flag === undefined || (query.flag === 'never-seen' ? row.neverSeen : row.stillCalled))
        .sort(byOrder(query))

      return {
        endpoints: found.slice((query.page - 1) * query.perPage, query.page * query.perPage),
        total: found.length,
        page: query.page,
        perPage: query.perPage,
        sum: sumOf(found, figures),
        choices: readChoices(seesConsumers),
        window: toAnsweredWindow(window),
        population: figures.population,
        warnings: together(figures, seen).map(toSentWarning),
      }
    },
  }

  /** Routes whose traffic belongs to a live endpoint, whoever else shares them. */
  function findOwners(): Map<string, string> {
    return new Map(db.select({ id: endpoints.id, service: endpoints.service, method: endpoints.method, routeKey: endpoints.routeKey })
      .from(endpoints).where(inArray(endpoints.lifecycle, ['active', 'deprecated'])).all().map(row => [routeId(row), row.id]))
  }

  function readChoices(seesConsumers: boolean) {
    const rows = db.selectDistinct({ team: endpoints.ownerTeam, tags: endpoints.tags }).from(endpoints).all()
    return {
      services: db.selectDistinct({ name: endpoints.service }).from(endpoints).innerJoin(services, eq(services.name, endpoints.service)).orderBy(asc(endpoints.service)).all().map(row => row.name),
      teams: [...new Set(rows.map(row => row.team))].filter(Boolean).sort(),
      tags: [...new Set(rows.flatMap(row => row.tags))].sort(),
      consumers: seesConsumers ? db.select({ id: consumers.id }).from(consumers).orderBy(desc(consumers.firstSeenAt)).limit(200).all().map(row => row.id).sort() : [],
    }
  }
}

/** Text is compared as it is: what SQL's patterns mean something by has no meaning here. */
function matching({ q, service, lifecycle, method, team, tag }: ListEndpoints): SQL | undefined {
  const text = q?.trim().toLowerCase()
  return and(
    service ? eq(endpoints.service, service.toLowerCase()) : undefined,
    lifecycle ? eq(endpoints.lifecycle, lifecycle) : undefined,
    method ? eq(endpoints.method, method) : undefined,
    team ? eq(endpoints.ownerTeam, team) : undefined,
    tag ? sql`exists (select 1 from json_each(${endpoints.tags}) where value = ${tag})` : undefined,
    text
      ? or(...[endpoints.template, endpoints.nameKo, endpoints.nameEn, endpoints.description, endpoints.service, endpoints.ownerTeam, endpoints.contact, endpoints.version]
          .map(column => sql`instr(lower(${column}), ${text}) > 0`))
      : undefined,
  )
}

interface Known {
  owners: ReadonlyMap<string, string>
  /** Undefined where the source could not say. */
  lastSeen: ReadonlyMap<string, SeenRoute> | undefined
  figures: Figures
  health: Health
  seesConsumers: boolean
  thresholds: ReadonlyMap<string, { latencyThreshold: number | null }>
}

function toListed(row: EndpointRow, { owners, thresholds, lastSeen, figures, health, seesConsumers }: Known): ListedEndpoint {
  const id = routeId(row)
  const { description: _, ...endpoint } = toEndpoint(row)
  const owner = owners.get(id)
  // While another endpoint is live on its route, the calls are that one's.
  const owns = owner === undefined || owner === row.id
  const route = owns ? figures.routes.get(id) : undefined
  const seen = owns ? lastSeen?.get(id) : undefined
  const judged = owns && isLive(row.lifecycle) ? health(row.id) : undefined
  const { latency, errorDegraded } = limitsOf(thresholds.get(row.service), row)
  const called = Boolean(route?.red.requests)
  const ended = row.lifecycle === 'deprecated' || row.lifecycle === 'retired'
  return {
    ...endpoint,
    health: judged?.state ?? null,
    reason: judged?.reason ?? null,
    limits: { latency, errorDegraded },
    live: route && called
      ? {
          requests: route.red.requests,
          failed: route.red.failed,
          perSecond: route.red.requests / figures.seconds,
          errorRatio: route.red.failed / route.red.requests,
          p95: route.red.p95 ?? null,
          course: {
            perSecond: route.steps.map(step => step ? step.requests / (figures.step / 1_000) : null),
            errorRatio: route.steps.map(step => step?.requests ? step.failed / step.requests : null),
            p95: route.steps.map(step => step?.p95 ?? null),
          },
          consumers: seesConsumers ? route.consumers.length : null,
        }
      : null,
    lastCall: seen?.lastSeen.toISOString() ?? null,
    neverSeen: owns && lastSeen !== undefined && !seen,
    stillCalled: ended && called ? { consumers: seesConsumers ? route!.consumers.map(consumer => consumer.id) : null } : null,
  }
}

function sumOf(rows: ListedEndpoint[], { seconds }: Figures) {
  const counted = new Map(rows.filter(row => row.live).map(row => [routeId(row), row.live!]))
  let requests = 0
  let failed = 0
  for (const live of counted.values()) {
    requests += live.requests
    failed += live.failed
  }
  return { requests, failed, perSecond: requests / seconds, errorRatio: requests ? failed / requests : null }
}
