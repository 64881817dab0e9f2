import type { z } from 'zod'
import { can, type Actor } from '#server/access/access'
import type { Clock } from '#server/clock'
import type { ErrorGroup, MetricSource, OperationsRow, RequestsRow, TraceSource } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'
import type { SentErrorGroup, ServiceOperation, serviceAnalysis } from '#shared/schemas/service-analysis'
import type { BoardEndpoint } from '#shared/schemas/status'
import { toAnsweredWindow, toSentWarning, windowOf, type TimeRangeQuery } from '#shared/schemas/time-range'
import { lacksPart } from '#shared/source-trouble'
import type { Limits } from '#shared/status/limits'
import { packStates } from '#shared/status/packed-states'
import { DAY, MINUTE, SECOND, type TimeWindow } from '#shared/units'
import { createDependencies } from './dependencies'
import { orNothing, partOf } from './forgiving-metrics'
import type { IncidentMarks } from './incident-marks'
import { createLastValues } from './last-values'
import { readPassing, type Passing } from './passing-endpoints'
import { isWatched, routeIdOf, type KnownEndpoint, type Register } from './register'
import { toSentLevels, toSentOnset, toSentRed, toSentStanding, toSentTrend, toSentUsual } from './sent'
import type { StateKeeper } from './state-keeper'
import { defaultLimits, limitsOf } from './state-rules'
import { noStrip, stripMinutes } from './state-strip'
import { noUsual, type UsualFigures } from './usual'
import type { worstEndpointsOf } from './worst-endpoints'

type MarkedAnalysis = z.input<typeof serviceAnalysis>
type Analysis = Omit<MarkedAnalysis, 'incidents'>

const errorsShown = 10
const innerShown = 50
const endpointsShown = 30

export interface ServiceDependencies {
  clock: Clock
  incidents: IncidentMarks
  metrics: MetricSource
  traces: TraceSource
  register: Register
  keeper: StateKeeper
  usual: UsualFigures
  worstEndpoints: ReturnType<typeof worstEndpointsOf>
}

/** One service: what it is asked for, what that costs, whom it leans on, and what went wrong. */
export function createServiceAnalysis({ clock, incidents, metrics, traces, register, keeper, usual, worstEndpoints }: ServiceDependencies) {
  const values = createLastValues<Analysis>({ clock, fresh: 4 * SECOND, usable: 10 * SECOND, lacks: ({ warnings }) => lacksPart(warnings) })
  const dependencies = createDependencies({
    metrics, usual,
    colourOf: service => register.services().find(({ name }) => name === service)?.colour ?? null,
    isSilent: service => keeper.service(service)?.state === 'unknown',
  })

  async function load(name: string, range: TimeRangeQuery): Promise<Analysis> {
    const now = clock.now()
    const window = windowOf(range, now)
    const known = register.services().find(service => service.name === name)
    const where = { service: name }
    const byRoute = ['service', 'method', 'routeKey'] as const
    const hour = lastHour(now)
    const [sum, course, routes, operations, callers, callees, usualSelf, usualRoutes, services, errors, withPassing] = await Promise.all([
      metrics.requests({ window, groupBy: ['service'], where }),
      metrics.requests({ window: hour, groupBy: ['service'], where, step: MINUTE }),
      metrics.requests({ window, groupBy: [...byRoute] }),
      metrics.operations({ window, groupBy: ['operation', 'kind', 'remote'], where }),
      dependencies('callers', name, window, now),
      dependencies('callees', name, window, now),
      orNothing(usual.services(window), noUsual),
      orNothing(usual.routes(window), noUsual),
      metrics.services(),
      readErrors(name, window, hour),
      partOf<Passing>(traces.name, readPassing(traces, name, window)),
    ])
    const passing = withPassing.value
    const seen = services.find(({ service }) => service.toLowerCase() === name)
    if (!known && !seen) throw new AppError('service.not_found', { name })
    const limits = known ? limitsOf(known) : defaultLimits
    const trend = toSentTrend(course.data, hour, MINUTE)
    const watched = register.endpoints().filter(isWatched)
    const routeRows = new Map(routes.data.map(row => [routeIdOf(row), row]))
    return {
      name: known?.display ?? seen!.service,
      colour: known?.colour ?? 1,
      at: now.toISOString(),
      window: toAnsweredWindow(window),
      population: sum.population,
      ...toSentStanding(keeper.service(name)),
      limits,
      ownerTeam: known?.ownerTeam ?? '',
      version: newest(seen?.versions ?? []),
      instances: seen?.instances ?? null,
      lastChange: register.changes({ window: { from: new Date(now.getTime() - 7 * DAY), to: new Date(now.getTime() + MINUTE) }, service: name, limit: 1 })[0] ?? null,
      red: toSentRed(sum.data[0]),
      usual: toSentUsual(usualSelf.get(name)),
      levels: toSentLevels(sum.data[0], limits),
      trend,
      onset: toSentOnset(trend, limits),
      states: packStates(keeper.strip(name) ?? noStrip),
      operations: byImpact(routes.data.filter(({ service }) => service === name), limits, row => ({
        endpoint: watched.find(endpoint => routeIdOf(endpoint) === routeIdOf(row)), usual: usualRoutes.get(routeIdOf(row)),
      })),
      inner: innerOperations(operations.data),
      callers,
      callees,
      endpoints: passingEndpoints(name, watched, passing, pass => worstEndpoints(pass, routeRows, usualRoutes)),
      passing: passing ? { traces: passing.traces, population: passing.population } : null,
      errors: metrics.capabilities.errors ? errors.data : null,
      warnings: [...sum.warnings, ...errors.warnings, ...withPassing.warnings].map(toSentWarning),
    }
  }

  async function readErrors(service: string, window: TimeWindow, hour: TimeWindow) {
    if (!metrics.capabilities.errors) return { warnings: [], data: [] }
    // The last hour is asked for as well, so that a group shows its course whatever the window.
    const wide = { from: new Date(Math.min(window.from.getTime(), hour.from.getTime())), to: window.to }
    const [inWindow, course] = await Promise.all([
      metrics.errors({ window, service, limit: 10 * errorsShown }),
      metrics.errors({ window: wide, service, limit: 10 * errorsShown, step: MINUTE }),
    ])
    const courses = Map.groupBy(course.data, messageOf)
    return {
      warnings: inWindow.warnings,
      data: [...Map.groupBy(inWindow.data, messageOf)].map(([message, groups]) => toSentErrors(groups, courses.get(message) ?? [], hour))
        .sort((a, b) => b.count - a.count).slice(0, errorsShown),
    }
  }

  return {
    /** Cut to what the reader may see; the figures behind it are read once for all. */
    async read(actor: Actor, name: string, range: TimeRangeQuery): Promise<MarkedAnalysis> {
      const { value } = await values.get(JSON.stringify([name, range]), () => load(name, range))
      const marks = [...incidents.openForService(actor, name)]
      if (can(actor, 'traces:read')) return { ...value, incidents: marks }
      const { errors: _, passing: __, endpoints, ...rest } = value
      return { ...rest, incidents: marks, endpoints: endpoints.filter(({ service }) => service === name).map(({ part: _, ...endpoint }) => endpoint) }
    },
  }
}

/** Its own, and those whose traces pass it. */
function passingEndpoints(service: string, watched: KnownEndpoint[], passing: Passing | undefined, sorted: (endpoints: KnownEndpoint[]) => BoardEndpoint[]): Analysis['endpoints'] {
  const parts = new Map(watched.map(endpoint => [endpoint.id, passing?.routes.get(routeIdOf(endpoint)) ?? null]))
  return sorted(watched.filter(({ id, service: of }) => of === service || parts.get(id))).slice(0, endpointsShown).map(endpoint => ({ ...endpoint, part: parts.get(endpoint.id) }))
}

function messageOf({ errorType, message }: ErrorGroup): string {
  return JSON.stringify([errorType, message])
}

/** A failure goes up through the spans above it: what all of them say is one group, as large as its largest part. */
function toSentErrors(groups: ErrorGroup[], courses: ErrorGroup[], hour: TimeWindow): SentErrorGroup {
  const largest = groups.toSorted((a, b) => b.count - a.count || b.operation.length - a.operation.length)[0]!
  const trend = Array.from({ length: stripMinutes }, () => 0)
  for (const { series = [] } of courses) {
    for (const { at, count } of series) {
      const minute = Math.floor((at.getTime() - hour.from.getTime()) / MINUTE)
      if (minute >= 0 && minute < trend.length) trend[minute] = Math.max(trend[minute]!, count)
    }
  }
  return {
    errorType: largest.errorType, message: largest.message, count: largest.count, traceId: largest.traceId, trend,
    operations: [largest, ...groups.filter(group => group !== largest)].map(({ operation }) => operation),
    firstSeen: new Date(Math.min(...groups.map(({ firstSeen }) => firstSeen.getTime()))).toISOString(),
    lastSeen: new Date(Math.max(...groups.map(({ lastSeen }) => lastSeen.getTime()))).toISOString(),
  }
}

function byImpact(rows: RequestsRow[], limits: Limits, about: (row: RequestsRow) => { endpoint?: { id: string, template: string }, usual?: Parameters<typeof toSentUsual>[0] }): ServiceOperation[] {
  const total = rows.reduce((sum, { duration }) => sum + duration, 0)
  return rows.toSorted((a, b) => b.duration - a.duration).map((row) => {
    const { endpoint, usual } = about(row)
    return {
      method: row.method!, route: endpoint?.template ?? row.routeKey!, endpointId: endpoint?.id ?? null,
      ...toSentRed(row), usual: toSentUsual(usual), levels: toSentLevels(row, limits), share: total ? row.duration / total : 0,
    }
  })
}

function innerOperations(rows: OperationsRow[]): Analysis['inner'] {
  return rows.flatMap((row) => {
    const { kind } = row
    if (kind !== 'internal' && kind !== 'client' && kind !== 'producer') return []
    return [{ operation: row.operation!, kind, remote: row.remote ?? '', ...toSentRed(row), total: row.duration }]
  }).sort((a, b) => b.total - a.total).slice(0, innerShown)
}

function lastHour(now: Date): TimeWindow {
  const to = Math.floor(now.getTime() / MINUTE) * MINUTE
  return { from: new Date(to - stripMinutes * MINUTE), to: new Date(to) }
}

function newest(versions: { version: string, lastSeen: Date, firstSeen: Date }[]): string | null {
  return versions.toSorted((a, b) => b.lastSeen.getTime() - a.lastSeen.getTime() || b.firstSeen.getTime() - a.firstSeen.getTime())[0]?.version ?? null
}
