import { eq } from 'drizzle-orm'
import type { z } from 'zod'
import { can, type UserActor } from '#server/access/access'
import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import { endpoints } from '#server/db/control/schema'
import type { MetricSource, SeenRoute } from '#server/telemetry/ports'
import { createRouteMatcher, parseTemplate, type RouteTemplate } from '#shared/route-key'
import { pathOf } from '#shared/route/path'
import type { preview, PreviewQuery } from '#shared/schemas/endpoint-list'
import { toAnsweredWindow, toSentWarning } from '#shared/schemas/time-range'
import { DAY, HOUR, type TimeWindow } from '#shared/units'
import { findHolder, toEndpoint } from './endpoint-rows'
import { compareRoutes } from './nearest'
import { listOrNothing, orNothing, together } from './partial'

const nearShown = 4
const pathsShown = 5

/** What a route being typed matches now, and what stands in its way. */
export function createPreview({ db, clock, metrics }: { db: Database, clock: Clock, metrics: MetricSource }) {
  return {
    async preview(actor: UserActor, query: PreviewQuery, signal?: AbortSignal): Promise<z.input<typeof preview>> {
      const to = clock.now()
      const window = { from: new Date(to.getTime() - DAY), to }
      const template = parseTemplate(query.template)
      const others = db.select().from(endpoints).where(eq(endpoints.service, query.service)).all().filter(row => row.id !== query.except)
      const holder = findHolder(db, query, query.except)
      const traffic = template.problem ? undefined : await readTraffic(query, template, window, signal)
      return {
        routeKey: template.key,
        problem: template.problem ?? null,
        teams: db.selectDistinct({ team: endpoints.ownerTeam }).from(endpoints).orderBy(endpoints.ownerTeam).all().map(row => row.team).filter(Boolean),
        holder: holder ? toEndpoint(holder) : null,
        near: others.filter(row => row.id !== holder?.id)
          .map(endpoint => ({ endpoint, ...compareRoutes(query, endpoint) }))
          .sort((a, b) => a.distance - b.distance).slice(0, nearShown),
        traffic: {
          ...(traffic?.figures ?? { requests: 0, perSecond: 0, errorRatio: null, p95: null, hours: [], firstSeen: null, paths: [] }),
          consumers: can(actor, 'consumers:read') ? traffic?.consumers ?? [] : null,
          consumerCount: can(actor, 'consumers:read') ? traffic?.consumers.length ?? 0 : null,
        },
        window: toAnsweredWindow(window),
        population: traffic?.population ?? { kind: 'all' },
        warnings: traffic?.warnings ?? [],
      }
    },
  }

  async function readTraffic({ service, method }: PreviewQuery, template: RouteTemplate, window: TimeWindow, signal?: AbortSignal) {
    const where = { service, method, routeKey: template.key }
    const [sum, course, callers, seen] = await Promise.all([
      orNothing(metrics.name, metrics.requests({ window, groupBy: ['service'], where }, signal)),
      orNothing(metrics.name, metrics.requests({ window, groupBy: ['service'], where, step: HOUR }, signal)),
      orNothing(metrics.name, metrics.requests({ window, groupBy: ['consumer'], where }, signal)),
      listOrNothing(metrics.name, metrics.seen({ service }, signal)),
    ])
    const hours = Array.from({ length: 24 }, () => 0)
    for (const row of course.data) {
      const at = Math.floor((row.at!.getTime() - window.from.getTime()) / HOUR)
      hours[Math.min(23, Math.max(0, at))]! += row.requests
    }
    const red = sum.data[0]
    const ofMethod = seen.data.filter(route => route.method === method)
    return {
      figures: {
        requests: red?.requests ?? 0,
        perSecond: (red?.requests ?? 0) / (DAY / 1_000),
        errorRatio: red?.requests ? red.failed / red.requests : null,
        p95: red?.p95 ?? null,
        hours,
        firstSeen: ofMethod.find(route => route.routeKey === template.key)?.firstSeen.toISOString() ?? null,
        paths: pathsOf(ofMethod, template),
      },
      consumers: callers.data.filter(row => row.consumer && row.consumer !== 'unknown').sort((a, b) => b.requests - a.requests).map(row => row.consumer!),
      population: sum.population,
      warnings: together(sum, course, callers, seen).map(toSentWarning),
    }
  }
}

/** Also what was seen under another key, because its sender gave no route and its ids look like words. */
function pathsOf(seen: SeenRoute[], template: RouteTemplate) {
  const matcher = createRouteMatcher([template.key])
  return seen
    .filter(route => route.samplePath !== undefined && (route.routeKey === template.key || matcher.match(route.samplePath) !== undefined))
    .sort((a, b) => b.lastSeen.getTime() - a.lastSeen.getTime()).slice(0, pathsShown)
    .map(route => ({ parts: markVariables(pathOf(route.samplePath!), template), lastSeen: route.lastSeen.toISOString() }))
}

function markVariables(path: string, { segments }: RouteTemplate) {
  let at = -1
  return path.split(/(\/)/).filter(Boolean).map((text) => {
    if (text === '/') return { text, variable: false }
    at++
    const segment = segments[Math.min(at, segments.length - 1)]
    return { text, variable: segment?.some(part => part.kind !== 'literal') ?? false }
  })
}
