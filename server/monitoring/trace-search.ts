import type { Clock } from '#server/clock'
import type { MetricSource, TraceScatter, TraceSource, TraceSummary } from '#server/telemetry/ports'
import { pileUp } from '#shared/chart/pile-up'
import { toAnsweredWindow, toSentWarning, windowOf } from '#shared/schemas/time-range'
import type { SearchTraces, TraceComparison, TraceFilter, TraceResult, TraceResultPage, TraceScatterAnswer } from '#shared/schemas/trace-search'
import { setApart } from '#shared/search/set-apart'
import { conditionsOf, type SearchQuery } from '#shared/search/tokens'
import { traceConditions } from '#shared/search/trace-conditions'
import { SECOND, type TimeWindow } from '#shared/units'
import { bestWithout } from './fewer-conditions'
import { orNothing } from './forgiving-metrics'
import { createLastValues } from './last-values'
import { routeIdOf, type Register } from './register'
import { toTraceQuery } from './search-query'
import { noUsual, type Usual, type UsualFigures } from './usual'

/** Range of a search that names none: enough to see what was normal before. */
export const searchRange = '30m'
const rowsOnAPage = 50
/** Pages hear of news together and ask within moments of each other, ms. */
const sharedFor = 2 * SECOND
/** What a chart of one page's width can show. */
const mostPoints = 2_000

export function createTraceSearch({ traces, metrics, register, usual, clock }: {
  traces: TraceSource
  metrics: MetricSource
  register: Register
  usual: UsualFigures
  clock: Clock
}) {
  // A backend is asked once for all who look at the same moving list, and told the next question when they ask again.
  const shared = createLastValues<TraceResultPage>({ clock, fresh: sharedFor, usable: sharedFor })
  const scatters = createLastValues<TraceScatterAnswer>({ clock, fresh: 2 * sharedFor, usable: 2 * sharedFor })
  const isShared = ({ from, to }: TraceFilter) => traces.capabilities.found === 'traces' && !(from && to)

  async function search(filter: SearchTraces, signal?: AbortSignal): Promise<TraceResultPage> {
    const window = windowOf(filter, clock.now(), searchRange)
    const query = { ...toTraceQuery(filter, window, filter.limit ?? rowsOnAPage), cursor: filter.cursor }
    const [page, normal] = await Promise.all([traces.search(query, signal), orNothing(usual.routes(window), noUsual)])
    return {
      traces: page.traces.map(trace => toResult(trace, normal)),
      next: page.next,
      total: page.total,
      window: toAnsweredWindow(query.window),
      searchedTo: page.searchedTo.toISOString(),
      population: page.population,
      warnings: page.warnings.map(toSentWarning),
      colours: coloursOf(page.traces.flatMap(trace => trace.services), register),
      nothing: page.traces.length || filter.cursor ? undefined : await explain(filter, window, signal),
    }
  }

  /** The chart shows the whole search, whatever part of it was drawn around. */
  async function scatter({ area: _area, ...filter }: TraceFilter, signal?: AbortSignal): Promise<TraceScatterAnswer> {
    const window = windowOf(filter, clock.now(), searchRange)
    const scatter = await traces.scatter(toTraceQuery(filter, window, mostPoints), mostPoints, signal)
    return {
      window: toAnsweredWindow(window),
      at: scatter.points.map(point => Math.max(0, point.startedAt.getTime() - window.from.getTime())),
      duration: scatter.points.map(point => point.duration),
      outcome: scatter.points.map(point => letters[point.outcome]).join(''),
      ids: scatter.points.map(point => point.traceId),
      counts: scatter.counts,
      thinned: scatter.thinned,
      atLeast: scatter.atLeast,
      pile: pileUp(scatter.points.map(point => point.duration)),
    }
  }

  return {
    search: async (filter: SearchTraces, signal?: AbortSignal): Promise<TraceResultPage> =>
      isShared(filter) && !filter.cursor ? (await shared.get(JSON.stringify(filter), () => search(filter))).value : search(filter, signal),

    scatter: async (filter: TraceFilter, signal?: AbortSignal): Promise<TraceScatterAnswer> =>
      isShared(filter) ? (await scatters.get(JSON.stringify({ ...filter, area: undefined }), () => scatter(filter))).value : scatter(filter, signal),

    /** What the drawn part has in common that the rest has not. */
    async compare(filter: TraceFilter, signal?: AbortSignal): Promise<TraceComparison> {
      const window = windowOf(filter, clock.now(), searchRange)
      const [selected, all] = await Promise.all([
        traces.profile(toTraceQuery(filter, window, 1), signal),
        traces.profile(toTraceQuery({ ...filter, area: undefined }, window, 1), signal),
      ])
      return { selected: selected.traces, others: Math.max(0, all.traces - selected.traces), ...setApart(selected, all) }
    },

    /** What conditions can name, most used first. */
    async values(filter: TraceFilter, signal?: AbortSignal) {
      const window = windowOf(filter, clock.now(), searchRange)
      const service = filter.service?.toLowerCase()
      const [services, routes, consumers, operations] = await Promise.all([
        metrics.services(signal),
        metrics.requests({ window, groupBy: ['method', 'routeKey'], where: service ? { service } : undefined, countsOnly: true }, signal),
        metrics.capabilities.byConsumer ? metrics.requests({ window, groupBy: ['consumer'], countsOnly: true }, signal) : undefined,
        service ? metrics.operations({ window, groupBy: ['operation'], where: { service } }, signal) : undefined,
      ])
      return {
        services: services.map(({ service }) => service).sort(),
        endpoints: mostUsed(routes.data, row => `${row.method || '-'} ${row.routeKey}`),
        consumers: mostUsed(consumers?.data ?? [], row => row.consumer).filter(consumer => consumer !== 'unknown'),
        operations: mostUsed(operations?.data ?? [], row => row.operation),
      }
    },
  }

  async function explain(filter: SearchTraces, window: TimeWindow, signal?: AbortSignal): Promise<NonNullable<TraceResultPage['nothing']>> {
    const query = filter as SearchQuery
    // Who cannot count finds a few, to tell which condition keeps most away.
    const limit = traces.capabilities.totals ? 1 : 10
    const [without, health] = await Promise.all([
      bestWithout(query, conditionsOf(query, traceConditions), async fewer => (await traces.search(toTraceQuery(fewer as TraceFilter, window, limit), signal)).total),
      traces.check({ signal }),
    ])
    return { without, lastReceived: health.lastReceived?.toISOString() }
  }
}

const letters: Record<TraceScatter['points'][number]['outcome'], string> = { 'ok': 'o', 'client-error': 'c', 'failed': 'f' }

function toResult(trace: TraceSummary, usual: ReadonlyMap<string, Usual>): TraceResult {
  const { root } = trace
  return {
    traceId: trace.traceId,
    startedAt: trace.startedAt.toISOString(),
    duration: trace.rootDuration ?? trace.duration,
    wholeDuration: trace.duration,
    rootMissing: trace.rootDuration === undefined,
    root,
    consumer: trace.consumer,
    status: trace.status,
    failed: trace.failed,
    errorType: trace.errorType,
    spans: trace.spans,
    services: trace.services.length,
    path: trace.path,
    usual: root.routeKey === undefined ? undefined : usual.get(routeIdOf({ ...root, method: root.method ?? '' }))?.p50,
  }
}

/** Palette numbers of the services named; one that the register does not know yet has none. */
export function coloursOf(names: readonly string[], register: Register): Record<string, number> {
  const named = new Set(names)
  return Object.fromEntries(register.services().filter(({ name }) => named.has(name)).map(({ name, colour }) => [name, colour]))
}

function mostUsed<Row extends { requests: number }>(rows: readonly Row[], nameOf: (row: Row) => string | undefined): string[] {
  return rows.toSorted((a, b) => b.requests - a.requests).map(nameOf).filter(name => name !== undefined).slice(0, 50)
}
