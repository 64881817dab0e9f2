import type { Population, TraceQuery, TraceSource, TraceSummary } from '#server/telemetry/ports'
import type { AnalysedTrace, SentPathShares } from '#shared/schemas/endpoint-analysis'
import { DAY, type TimeWindow } from '#shared/units'
import { pathSharesOf } from './path-shares'

export interface RouteOf { service: string, method: string, routeKey: string }

const shown = 6
/** As many paths as a share may rest on without being slow to read. */
const pathsRead = 200
const mostPoints = 2_000

export interface EndpointTraces {
  population: Population
  now: SentPathShares
  failing: AnalysedTrace[]
  slowest: AnalysedTrace[]
  services: string[]
}

/** What the kept traces of an endpoint say: where the time goes, which failed, which were slowest. */
export async function readEndpointTraces(traces: TraceSource, route: RouteOf, window: TimeWindow): Promise<EndpointTraces> {
  const query = queryOf(route, window)
  const [newest, failing, slowest] = await Promise.all([
    traces.search({ ...query, limit: pathsRead }),
    traces.search({ ...query, failed: true, limit: shown }),
    readSlowest(traces, query),
  ])
  return {
    population: newest.population,
    now: pathSharesOf(newest.traces),
    failing: failing.traces.map(toAnalysed),
    slowest: slowest.map(toAnalysed),
    services: [...new Set([...newest.traces, ...failing.traces, ...slowest].flatMap(({ services }) => services))],
  }
}

/** The port lists by time: the durations of all dots give the one from which on a trace is among the slowest. */
async function readSlowest(traces: TraceSource, query: TraceQuery): Promise<TraceSummary[]> {
  const { points } = await traces.scatter(query, mostPoints)
  if (!points.length) return []
  const durations = points.map(({ duration }) => duration).sort((a, b) => b - a)
  const minDuration = durations[Math.min(shown, durations.length) - 1]!
  const { traces: slow } = await traces.search({ ...query, minDuration, limit: 4 * shown })
  return slow.sort((a, b) => b.duration - a.duration).slice(0, shown)
}

/** The day before the window, in four parts, so that the last hour does not stand for all of it. */
export async function readUsualPath(traces: TraceSource, route: RouteOf, { from }: TimeWindow): Promise<SentPathShares> {
  const parts = await Promise.all(Array.from({ length: 4 }, (_, i) => traces.search({
    ...queryOf(route, { from: new Date(from.getTime() - (i + 1) * DAY / 4), to: new Date(from.getTime() - i * DAY / 4) }), limit: pathsRead / 4,
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
