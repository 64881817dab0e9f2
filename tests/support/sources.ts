import type { Answer, LogSource, MetricSource, OperationsRow, Red, RequestsRow, SeenRoute, SeenService, TraceSource, TraceSummary } from '#server/telemetry/ports'
import type { SpanKind } from '#shared/trace/span'
import { TraceCollector } from '#shared/trace/trace-columns'
import type { TimeWindow } from '#shared/units'

/** One span as the metric source counts it. Without `kind` a request of `service`. */
export interface Call {
  at: Date
  service: string
  method?: string
  routeKey?: string
  consumer?: string
  kind?: SpanKind
  operation?: string
  remote?: string
  remoteKind?: OperationsRow['remoteKind']
  status?: number
  failed?: boolean
  /** Milliseconds. */
  took?: number
}

/** A metric source over calls held in a list: exact, and as slow as a test may be. */
export function createMetricsOf(calls: Call[]): MetricSource & { asked: number, broken?: Error } {
  const within = ({ from, to }: TimeWindow) => (call: Call) => call.at >= from && call.at < to
  const isRequest = (call: Call) => !call.kind || call.kind === 'server' || call.kind === 'consumer'
  const dimensions = {
    service: (call: Call) => call.service, method: (call: Call) => call.method ?? 'GET', routeKey: (call: Call) => call.routeKey ?? '/',
    consumer: (call: Call) => call.consumer ?? 'unknown', statusClass: (call: Call) => Math.floor((call.status ?? (call.failed ? 500 : 200)) / 100),
    operation: (call: Call) => call.operation ?? `${call.method ?? 'GET'} ${call.routeKey ?? '/'}`, kind: (call: Call) => call.kind ?? 'server', remote: (call: Call) => call.remote ?? '',
  }

  function choose(window: TimeWindow, where: Partial<Record<string, string>>): Call[] {
    if (source.broken) throw source.broken
    source.asked++
    return calls.filter(within(window)).filter(call => Object.entries(where).every(([name, value]) => value === undefined || dimensions[name as 'service'](call) === value))
  }

  function group(window: TimeWindow, groupBy: (keyof typeof dimensions)[], where: Partial<Record<string, string>> = {}, step: number | undefined, filter: (call: Call) => boolean) {
    const groups = Map.groupBy(choose(window, where).filter(filter), call => JSON.stringify([...groupBy.map(name => dimensions[name](call)), step && Math.floor(call.at.getTime() / step) * step]))
    return [...groups].map(([key, members]) => {
      const values = JSON.parse(key) as (string & number)[]
      return {
        ...Object.fromEntries(groupBy.map((name, i) => [name, values[i]])),
        ...(groupBy.includes('remote') && { remoteKind: members[0]!.remoteKind ?? 'service' }),
        ...(step && { at: new Date(Number(values.at(-1))) }),
        ...redOf(members),
      }
    })
  }
  const answer = <T>(data: T): Answer<T> => ({ data, population: { kind: 'all' }, warnings: [] })

  const source: MetricSource & { asked: number, broken?: Error } = {
    asked: 0,
    name: 'embedded',
    capabilities: { promql: false, exemplars: true, byConsumer: true, points: true, errors: true },
    requests: async ({ window, groupBy, where, step }) => answer(group(window, groupBy, where, step, isRequest) as RequestsRow[]),
    operations: async ({ window, groupBy, where, step }) => answer(group(window, groupBy, where, step, () => true) as OperationsRow[]),
    durations: async ({ window, where }) => answer(
      [...Map.groupBy(choose(window, where), ({ took = 10 }) => took * 1_000)].sort(([a], [b]) => a - b).map(([to, { length }]) => ({ from: to * 0.99, to, requests: length })),
    ),
    seen: async () => [...Map.groupBy(calls.filter(isRequest), call => JSON.stringify([call.service, dimensions.method(call), dimensions.routeKey(call)]))].map(([key, members]): SeenRoute => {
      const [service, method, routeKey] = JSON.parse(key) as [string, string, string]
      return { service, method, routeKey, ...spanOf(members) }
    }),
    services: async () => [...Map.groupBy(calls, call => call.service)].map(([service, members]): SeenService => ({ service, ...spanOf(members), versions: [], instances: 1 })),
    errors: async () => answer([]),
    exemplars: async () => [],
    metricNames: async () => [],
    points: async () => [],
    check: async () => ({ state: 'ok', latency: 1, lastReceived: calls.at(-1)?.at }),
  }
  return source
}

function spanOf(members: Call[]) {
  const times = members.map(({ at }) => at.getTime())
  return { firstSeen: new Date(Math.min(...times)), lastSeen: new Date(Math.max(...times)) }
}

function redOf(members: Call[]): Red {
  const micros = members.map(({ took = 10 }) => took * 1_000).sort((a, b) => a - b)
  const quantile = (share: number) => micros[Math.min(micros.length - 1, Math.ceil(share * micros.length) - 1)]!
  return {
    spans: members.length, requests: members.length,
    failed: members.filter(call => call.failed || (call.status ?? 0) >= 500).length,
    clientErrors: members.filter(call => (call.status ?? 0) >= 400 && call.status! < 500).length,
    duration: micros.reduce((a, b) => a + b, 0),
    p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99),
  }
}

/** `perMinute` calls in every minute from `from` to `to`, evenly spread. */
export function traffic({ from, to, perMinute = 60, failing = 0, ...call }: { from: Date, to: Date, perMinute?: number, failing?: number } & Omit<Call, 'at'>): Call[] {
  const gap = 60_000 / perMinute
  const count = Math.floor((to.getTime() - from.getTime()) / gap)
  return Array.from({ length: count }, (_, i) => ({
    ...call, at: new Date(from.getTime() + i * gap), failed: failing > 0 && Math.floor((i + 1) * failing) > Math.floor(i * failing),
  }))
}

export function createTracesOf(traces: TraceSummary[]): TraceSource {
  const matching = (query: Parameters<TraceSource['search']>[0]) => traces.filter(trace => trace.startedAt >= query.window.from && trace.startedAt < query.window.to
    && (query.failed !== true || trace.failed) && (query.service === undefined || trace.services.includes(query.service))
    && (query.routeKey === undefined || trace.root.routeKey === query.routeKey)
    && trace.duration >= (query.minDuration ?? 0)).sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime())
  return {
    name: 'embedded',
    capabilities: { attributes: 'scanned', durationFilter: true, totals: true, dependencies: false, failed: 'outcome', values: 'typed', names: 'sent', found: 'summaries' },
    skeleton: async () => undefined,
    span: async () => undefined,
    spansByKey: async () => [],
    spans: async function* () {},
    search: async query => ({
      traces: matching(query).slice(0, query.limit), total: { count: matching(query).length, atLeast: false },
      searchedTo: query.window.from, population: { kind: 'all' }, warnings: [],
    }),
    scatter: async (query, limit) => ({
      points: matching(query).slice(0, limit).map(({ traceId, startedAt, duration, failed }) => ({ traceId, startedAt, duration, outcome: failed ? 'failed' : 'ok' })),
      counts: { ok: 0, clientError: 0, failed: 0 }, thinned: false, atLeast: false,
    }),
    profile: async () => ({ traces: 0, values: [] }),
    batch: async ({ parts }) => ({ traces: new TraceCollector().done(), parts: parts.map(({ window }) => ({ matched: 0, read: 0, searchedTo: window.from })), population: { kind: 'all' }, warnings: [] }),
    dependencies: async () => undefined,
    check: async () => ({ state: 'ok', latency: 1 }),
  }
}

export function createNoLogs(): LogSource {
  return {
    name: 'embedded',
    capabilities: { fullText: 'prefix', totals: true },
    search: async ({ window }) => ({ lines: [], total: { count: 0, atLeast: false }, searchedTo: window.from, warnings: [] }),
    histogram: async (_, step) => ({ steps: [], step, commonest: [], warnings: [] }),
    ofTrace: async () => ({ lines: [], more: false, warnings: [] }),
    ofTraces: async () => ({ lines: [], more: false, warnings: [] }),
    line: async () => undefined,
    check: async () => ({ state: 'idle', latency: 1 }),
  }
}
