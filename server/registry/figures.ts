import type { Answer, MetricSource, Population, Red, RequestsRow, SourceWarning } from '#server/telemetry/ports'
import type { Millis, TimeWindow } from '#shared/units'
import { orNothing, together } from './partial'

/** What telemetry knows a registered route by. */
export interface RouteRef { service: string, method: string, routeKey: string }

export function routeId({ service, method, routeKey }: RouteRef): string {
  return `${service} ${method} ${routeKey}`
}

/** One route over the window. */
export interface RouteFigures {
  red: Red
  /** By step from the window's start; undefined where nobody called. */
  steps: (Red | undefined)[]
  /** Those who called, most requests first. */
  consumers: { id: string, requests: number, failed: number }[]
}

export interface Figures {
  routes: Map<string, RouteFigures>
  step: Millis
  seconds: number
  population: Population
  warnings: SourceWarning[]
}

export const stepsShown = 30

/** Three questions for any number of routes: the sums, their course, and who called. */
export async function readFigures(metrics: MetricSource, { window, where, signal }: {
  window: TimeWindow, where?: { service?: string, consumer?: string }, signal?: AbortSignal,
}): Promise<Figures> {
  const length = window.to.getTime() - window.from.getTime()
  // Not below the finest buckets, or every other step would be empty.
  const step = Math.max(10_000, Math.ceil(length / stepsShown / 10_000) * 10_000)
  const groupBy = ['service', 'method', 'routeKey'] as const
  const [sums, course, callers] = await Promise.all([
    orNothing(metrics.name, metrics.requests({ window, groupBy: [...groupBy], where }, signal)),
    orNothing(metrics.name, metrics.requests({ window, groupBy: [...groupBy], where, step }, signal)),
    metrics.capabilities.byConsumer ? orNothing(metrics.name, metrics.requests({ window, groupBy: [...groupBy, 'consumer'], where, countsOnly: true }, signal)) : nobody,
  ])

  const routes = new Map<string, RouteFigures>()
  for (const row of sums.data) routes.set(idOf(row), { red: row, steps: Array.from({ length: Math.ceil(length / step) }), consumers: [] })
  for (const row of course.data) {
    const route = routes.get(idOf(row))
    const at = Math.floor((row.at!.getTime() - window.from.getTime()) / step)
    // The first step may begin before the window, on the source's own grid.
    if (route && at < route.steps.length) route.steps[Math.max(0, at)] = row
  }
  for (const row of callers.data) {
    if (row.consumer && row.consumer !== 'unknown') routes.get(idOf(row))?.consumers.push({ id: row.consumer, requests: row.requests, failed: row.failed })
  }
  for (const route of routes.values()) route.consumers.sort((a, b) => b.requests - a.requests)
  return { routes, step, seconds: length / 1_000, population: sums.population, warnings: together(sums, course, callers) }
}

const nobody: Answer<RequestsRow[]> = { data: [], population: { kind: 'all' }, warnings: [] }

function idOf(row: RequestsRow): string {
  return routeId({ service: row.service!, method: row.method!, routeKey: row.routeKey! })
}
