import type { Population, TraceSource, TraceSummary } from '#server/telemetry/ports'
import type { PathPart } from '#shared/schemas/endpoint-analysis'
import type { TimeWindow } from '#shared/units'
import { pathSharesOf } from './path-shares'
import { routeIdOf } from './register'

/** As many paths as one page may ask for, from everywhere in the window and not from its last seconds only. */
const parts = 4
const pathsRead = 240

/** What a sample of a service's traces says about the requests that pass it. */
export interface Passing {
  /** How many traces this rests on, and how those were kept. */
  traces: number
  population: Population
  /** By route id of the request a trace began with. */
  routes: Map<string, PassingRoute>
}

export interface PassingRoute extends Pick<PathPart, 'micros' | 'share'> {
  traces: number
}

/** Which requests pass a service, and how much of what they wait for is its own work. */
export async function readPassing(traces: TraceSource, service: string, { from, to }: TimeWindow): Promise<Passing> {
  const step = (to.getTime() - from.getTime()) / parts
  const at = (part: number) => new Date(from.getTime() + part * step)
  const pages = await Promise.all(Array.from({ length: parts }, (_, part) => traces.search({ window: { from: at(part), to: at(part + 1) }, service, limit: pathsRead / parts })))
  const found = pages.flatMap(page => page.traces)
  return {
    traces: found.length,
    population: pages.find(({ population }) => population.kind !== 'all')?.population ?? { kind: 'all' },
    routes: new Map([...Map.groupBy(found, rootOf)].map(([route, those]) => [route, partOf(service, those)])),
  }
}

function rootOf({ root }: TraceSummary): string {
  return routeIdOf(root)
}

function partOf(service: string, traces: TraceSummary[]): PassingRoute {
  const { parts } = pathSharesOf(traces)
  const own = parts.find(part => part.service === service)
  return { traces: traces.length, micros: own?.micros ?? 0, share: own?.share ?? 0 }
}
