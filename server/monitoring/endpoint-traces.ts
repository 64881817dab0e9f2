import type { Population, TraceQuery, TraceSource, TraceSummary } from '#server/telemetry/ports'
import type { AnalysedTrace, SentPathShares } from '#shared/schemas/endpoint-analysis'
import { DAY, SECOND, type Micros, type TimeWindow } from '#shared/units'
import { pathSharesOf } from './path-shares'

export interface RouteOf { service: string, method: string, routeKey: string }

const shown = 6
/** As many paths as a share may rest on without being slow to read: a backend sends every trace whole, and twice as many as are wanted. */
const pathsOf = ({ capabilities }: TraceSource) => (capabilities.found === 'summaries' ? 200 : 80)
const mostPoints = 2_000
/** What the callee did arrives after its caller gave up: until then its time would stand under the caller's name. */
const arriving = 20 * SECOND

export interface EndpointTraces {
  population: Population
  now: SentPathShares
  failing: AnalysedTrace[]
  slowest: AnalysedTrace[]
  services: string[]
}

/** What the kept traces of an endpoint say: where the time goes, which failed, which were slowest. `slow`: what few requests took, where that is known, longest first. */
export async function readEndpointTraces(traces: TraceSource, route: RouteOf, window: TimeWindow, slow: readonly Micros[] = []): Promise<EndpointTraces> {
  const query = queryOf(route, window)
  const [newest, failing, slowest] = await Promise.all([
    readWhole(query, query => traces.search({ ...query, limit: pathsOf(traces) })),
    readWhole(query, query => traces.search({ ...query, failed: true, limit: shown })),
    readWhole(query, query => readSlowest(traces, query, slow)),
  ])
  return {
    population: newest.population,
    now: pathSharesOf(newest.traces),
    failing: failing.traces.map(toAnalysed),
    slowest: slowest.traces.map(toAnalysed),
    services: [...new Set([newest, failing, slowest].flatMap(({ traces }) => traces).flatMap(({ services }) => services))],
  }
}

/** Traces that are whole by now, where there are enough of them; else all. */
async function readWhole<Found extends { traces: TraceSummary[] }>(query: TraceQuery, read: (query: TraceQuery) => Promise<Found>): Promise<Found> {
  const { from, to } = query.window
  const whole = { from, to: new Date(to.getTime() - arriving) }
  if (whole.to > from) {
    const found = await read({ ...query, window: whole })
    if (found.traces.length >= shown) return found
  }
  return read(query)
}

/**
 * The port lists by time: the durations of all dots give the one from which on a trace is among the slowest. Where it is
 * known of all requests, no dots need be read, for which a backend sends hundreds of whole traces.
 */
async function readSlowest(traces: TraceSource, query: TraceQuery, known: readonly Micros[]): Promise<{ traces: TraceSummary[] }> {
  for (const minDuration of known) {
    const found = await readFrom(minDuration)
    if (found.length >= shown) return { traces: found.slice(0, shown) }
  }
  const { points } = await traces.scatter(query, mostPoints)
  if (!points.length) return { traces: [] }
  const durations = points.map(({ duration }) => duration).sort((a, b) => b - a)
  const minDuration = durations[Math.min(shown, durations.length) - 1]!
  return { traces: (await readFrom(minDuration)).slice(0, shown) }

  async function readFrom(minDuration: Micros) {
    const { traces: slow } = await traces.search({ ...query, minDuration, limit: 4 * shown })
    return slow.sort((a, b) => b.duration - a.duration)
  }
}

/** The day before the window, in four parts, so that the last hour does not stand for all of it. */
export async function readUsualPath(traces: TraceSource, route: RouteOf, { from }: TimeWindow): Promise<SentPathShares> {
  const parts = await Promise.all(Array.from({ length: 4 }, (_, i) => traces.search({
    ...queryOf(route, { from: new Date(from.getTime() - (i + 1) * DAY / 4), to: new Date(from.getTime() - i * DAY / 4) }), limit: pathsOf(traces) / 4,
  })))
  return pathSharesOf(parts.flatMap(part => part.traces))
}

function queryOf({ service, method, routeKey }: RouteOf, window: TimeWindow): TraceQuery {
  return { window, service, method, routeKey, limit: shown }
}

function toAnalysed(trace: TraceSummary): AnalysedTrace {
  return {
    traceId: trace.traceId, startedAt: trace.startedAt.toISOString(), duration: trace.rootDuration ?? trace.duration,
    status: trace.status ?? null, failed: trace.failed, errorType: trace.errorType ?? null, consumer: trace.consumer ?? null, path: trace.path,
  }
}
