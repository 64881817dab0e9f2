import type { Population, RequestsRow, SourceWarning } from '#server/telemetry/ports'
import { limitsOf } from '#shared/status/limits'
import { MINUTE, SECOND, type Micros, type Millis, type TimeWindow } from '#shared/units'
import type { IncidentRegister } from './room'
import { routeIdOf, type Route } from './subject'
import type { Topology } from './topology'

export interface Hits {
  failed: number
  /** Longer than the objective and not failed; null where the source cannot tell. */
  slow: number | null
  total: number
}

export interface AffectedRoute extends Route {
  limit: Micros
}

/** Who is hurt, where and when. Consumers, endpoints and cells each add up to the whole. */
export interface Impact extends Hits {
  routes: (AffectedRoute & Hits)[]
  consumers: (Hits & {
    id: string
    /** All that it sent to registered endpoints. */
    sent: number
    firstAt: Date | null
    lastAt: Date | null
  })[]
  /** `route` is an index; the lists have one value a step, `slows` only what steps can tell. */
  cells: (Hits & { consumer: string, route: number, fails: number[], slows: number[], totals: number[] })[]
  /** Requests to all registered endpoints. */
  all: number
  from: Date
  step: Millis
  steps: number
  window: TimeWindow
  population: Population
  warnings: SourceWarning[]
}

/** About sixty steps at most, on steps that figures are kept in. */
const stepLengths: readonly Millis[] = [10 * SECOND, MINUTE, 10 * MINUTE, 60 * MINUTE, 24 * 60 * MINUTE]
const mostSteps = 60

export function stepOf({ from, to }: TimeWindow): Millis {
  const length = to.getTime() - from.getTime()
  return stepLengths.find(step => length / step <= mostSteps) ?? stepLengths.at(-1)!
}

/**
 * Of the disturbed routes those at which consumers are served: the registered ones, else those of services that nobody
 * calls, else all. What is counted at each further hop would count the same request again.
 */
export function servedRoutes(routes: readonly Route[], register: IncidentRegister, { calls }: Topology): AffectedRoute[] {
  const endpoints = new Map(register.endpoints().filter(({ lifecycle }) => lifecycle !== 'draft').map(endpoint => [routeIdOf(endpoint), endpoint]))
  const services = new Map(register.services().map(service => [service.name.toLowerCase(), service]))
  const called = new Set([...calls.values()].flatMap(callees => [...callees]))
  const registered = routes.filter(route => endpoints.has(routeIdOf(route)))
  const outer = routes.filter(({ service }) => !called.has(service))
  const served = registered.length ? registered : outer.length ? outer : routes
  return served.map(route => ({ ...route, limit: 1_000 * (endpoints.get(routeIdOf(route))?.latencyObjective ?? limitsOf(services.get(route.service)).latency) }))
}

interface Counted {
  /** By service, method, route key, consumer, status class and step. */
  rows: readonly RequestsRow[]
  /** The same without steps, where steps cannot say what is slow. */
  whole?: readonly RequestsRow[]
  /** All requests by service, method, route key and consumer. */
  all: readonly RequestsRow[]
  routes: readonly AffectedRoute[]
  /** Ids of all registered routes. */
  registered: ReadonlySet<string>
  window: TimeWindow
  step: Millis
}

/** Adds up one grouped answer; pure, so that what adds up can be tested. */
export function addUpImpact({ rows, whole, all: sentRows, routes, registered, window, step }: Counted): Omit<Impact, 'population' | 'warnings'> {
  const from = Math.floor(window.from.getTime() / step) * step
  const steps = Math.max(1, Math.ceil((window.to.getTime() - from) / step))
  const indexes = new Map(routes.map((route, i) => [routeIdOf(route), i]))
  const cells = new Map<string, Impact['cells'][number]>()
  const sent = new Map<string, number>()
  let all = 0
  for (const row of sentRows) {
    const id = routeIdOf(row)
    if (!registered.has(id) && !indexes.has(id)) continue
    sent.set(row.consumer!, (sent.get(row.consumer!) ?? 0) + row.requests)
    all += row.requests
  }
  for (const row of rows) {
    const route = indexes.get(routeIdOf(row))
    const at = Math.floor((row.at!.getTime() - from) / step)
    if (route === undefined || at < 0 || at >= steps) continue
    const cell = cellOf(row.consumer!, route)
    const slow = slowOf(row)
    cell.failed += row.failed
    cell.total += row.requests
    cell.slow = slow === null || cell.slow === null ? null : cell.slow + slow
    cell.fails[at]! += row.failed
    cell.slows[at]! += slow ?? 0
    cell.totals[at]! += row.requests
  }
  if (whole) {
    for (const cell of cells.values()) cell.slow = null
    for (const row of whole) {
      const route = indexes.get(routeIdOf(row))
      const cell = route === undefined ? undefined : cells.get(`${row.consumer} ${route}`)
      const slow = slowOf(row)
      if (cell && slow !== null) cell.slow = (cell.slow ?? 0) + slow
    }
  }
  const list = [...cells.values()]
  const consumers = [...Map.groupBy(list, cell => cell.consumer)].map(([id, own]) => {
    const hit = (at: number) => own.some(cell => cell.fails[at]! + cell.slows[at]! > 0)
    const first = Array.from({ length: steps }, (_, at) => at).find(hit)
    const last = Array.from({ length: steps }, (_, at) => steps - 1 - at).find(hit)
    return {
      id, ...sumOf(own), sent: sent.get(id) ?? 0,
      firstAt: first === undefined ? null : new Date(Math.max(from + first * step, window.from.getTime())),
      lastAt: last === undefined ? null : new Date(Math.min(from + (last + 1) * step, window.to.getTime())),
    }
  }).sort((a, b) => badOf(b) - badOf(a) || a.id.localeCompare(b.id))
  return {
    ...sumOf(list), routes: routes.map((route, i) => ({ ...route, ...sumOf(list.filter(cell => cell.route === i)) })),
    consumers, cells: list, all, from: new Date(from), step, steps, window,
  }

  function cellOf(consumer: string, route: number): Impact['cells'][number] {
    const key = `${consumer} ${route}`
    const known = cells.get(key) ?? { consumer, route, failed: 0, slow: 0, total: 0, fails: zeros(steps), slows: zeros(steps), totals: zeros(steps) }
    cells.set(key, known)
    return known
  }
}

/** Not failed and slow: where one row holds both kinds, at least so many. Whole ones: of the class a limit falls into, a share is counted. */
function slowOf({ slow, failed }: RequestsRow): number | null {
  return slow === undefined ? null : Math.max(0, Math.round(slow - failed))
}

export function badOf({ failed, slow }: Hits): number {
  return failed + (slow ?? 0)
}

function sumOf(list: readonly Hits[]): Hits {
  return {
    failed: list.reduce((sum, { failed }) => sum + failed, 0),
    slow: list.some(({ slow }) => slow === null) ? null : list.reduce((sum, { slow }) => sum + slow!, 0),
    total: list.reduce((sum, { total }) => sum + total, 0),
  }
}

const zeros = (length: number) => Array.from({ length }, () => 0)
