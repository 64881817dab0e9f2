import type { Clock } from '#server/clock'
import type { Config } from '#server/config'
import type { Micros } from '#shared/units'
import { createElasticLogSource } from './elasticsearch/elastic-log-source'
import { startEmbedded } from './embedded/embedded'
import type { TelemetrySnapshot } from './embedded/snapshot'
import { createImpatient } from './impatient'
import type { LogSource, MetricSource, TraceSource } from './ports'
import { createPrometheusMetricSource, prometheusProbe } from './prometheus/metric-source'
import type { Backend } from './upstream/credentials'
import { createUpstream, type BackendName, type Upstream } from './upstream/upstream'
import { createTraceReader } from './zipkin/trace-reader'
import { createZipkinTraceSource } from './zipkin/zipkin-trace-source'

export { openInThread, type InThreadTelemetry } from './embedded/in-thread'
export type { IngestKey, TelemetrySnapshot } from './embedded/snapshot'

export const signals = ['traces', 'metrics', 'logs'] as const
export type Signal = typeof signals[number]

/** The three sources, each kept here or read from a backend of its own, and what is received here. */
export interface Telemetry {
  traces: TraceSource
  metrics: MetricSource
  logs: LogSource
  /** Signals that are read from a backend. */
  connected: Signal[]
  /** Whether figures come from what this process receives, so that commits tell all of it. */
  receives: () => boolean
  /** Absent where nothing is received here, because every signal is connected. */
  stats?: () => Promise<IngestStats>
  /** Takes effect on the next request; a snapshot older than the held one is ignored. */
  updateSnapshot: (snapshot: TelemetrySnapshot) => void
  /** Told after commits of the embedded store, a few times a second at most; the answer ends it. */
  onCommit: (listener: (commit: Commit) => void) => () => void
  /** Stops accepting, commits what is in flight, ends the workers and what backends are asked, lets the directory go. */
  close: () => Promise<void>
}

/** What new telemetry touched: enough to know which answers are old now. */
export interface Commit {
  signals: Signal[]
  services: string[]
  /** Route keys that were called. */
  routes: { service: string, method: string, routeKey: string }[]
  /** At most 500; `more` when there were others. */
  traces: string[]
  more: boolean
  /** Seen for the first time. */
  newRoutes: { service: string, method: string, routeKey: string }[]
  newConsumers: string[]
  newVersions: { service: string, version: string, at: Date }[]
  /** Requests that ended, as they arrived. */
  completions: Completion[]
}

/** Requests to one route that arrived within one second. */
export interface Completion {
  service: string
  method: string
  routeKey: string
  /** Of arrival, since the epoch. */
  second: number
  spans: number
  /** What they stand for: the sum of 1/p. */
  requests: number
  failed: number
  /** How many (by what they stand for) took how long, within 5 %. */
  durations: [duration: Micros, requests: number][]
}

/** Numbers of `/admin/sources`: counts of the last month, which the file keeps by the hour. */
export interface IngestStats {
  /** Whether this process owns the directory and so receives. */
  receiving: boolean
  address?: { host: string, port: number }
  grpcAddress?: { host: string, port: number }
  accepted: IngestCount[]
  rejected: (IngestCount & { reason: string })[]
  /** Requests turned away before anything was decoded, since the start, by reason: no key, too large, wrong type… */
  refused: { reason: string, count: number, lastAt: Date }[]
  queue: { batches: number, bytes: number, limitBytes: number }
  /** From reading a request's last byte to its commit, over the last minute, ms. */
  lag: { p50?: number, p95?: number }
  /** `volume`: the file system that holds the data directory; absent where it cannot be asked. */
  disk: { bytes: number, usedBytes: number, limitBytes: number, oldestSpan?: Date, oldestLog?: Date, volume?: { bytes: number, freeBytes: number } }
  /** What was taken and what not in each of the last 24 hours, this one too; an hour without either is absent. */
  hours: { at: Date, signal: Signal, accepted: number, rejected: number }[]
  /** Taken a second, on average since the beginning of the hour before this one, or since the service was first seen. */
  rates: { keyId: string, signal: Signal, service: string, perSecond: number }[]
  /** When the first service of all was first seen. */
  since?: Date
  removed: { what: string, rows: number, lastAt: Date }[]
  services: { service: string, signal: Signal, lastReceived: Date }[]
  /** A file of another release that could not be read and was moved aside. */
  setAside?: string
}

export interface IngestCount {
  keyId: string
  signal: Signal
  service: string
  items: number
  lastAt: Date
}

export interface TelemetryOptions {
  config: Pick<Config, 'dataDir' | 'otlp'> & Partial<Pick<Config, 'backends'>>
  clock: Clock
  snapshot: TelemetrySnapshot
  /** Something ended that must not: the process should not go on as if nothing were. */
  onFailure?: (error: Error) => void
}

/**
 * Chooses for each signal where it is read from. The embedded store runs while any signal is kept in it. Its figures
 * come from spans, so it takes spans for as long as one of traces and metrics is its own.
 */
export async function startTelemetry({ config, clock, snapshot, onFailure = () => {} }: TelemetryOptions): Promise<Telemetry> {
  let rules = snapshot
  const { sources, close } = connect(config.backends ?? {}, { clock, rules: () => rules })
  const connected = signals.filter(signal => sources[signal])
  const refused = connected.filter(signal => signal !== 'traces' || sources.metrics)
  const embedded = connected.length < signals.length
    ? await startEmbedded({ config, clock, snapshot, connected: refused, onFailure })
    : undefined

  return {
    traces: sources.traces ? createImpatient(sources.traces) : embedded!.traces,
    metrics: sources.metrics ? createImpatient(sources.metrics) : embedded!.metrics,
    logs: sources.logs ? createImpatient(sources.logs) : embedded!.logs,
    connected,
    receives: () => !sources.metrics && (embedded?.receives() ?? false),
    ...(embedded && { stats: embedded.stats }),
    updateSnapshot(next) {
      if (next.version >= rules.version) rules = next
      embedded?.updateSnapshot(next)
    },
    onCommit: listener => embedded?.onCommit(listener) ?? (() => {}),
    async close() {
      await Promise.all([embedded?.close(), close()])
    },
  }
}

interface Connected {
  traces?: TraceSource
  metrics?: MetricSource
  logs?: LogSource
}

/** The sources whose backend is set, each over an upstream of its own. `rules`: how spans are read, as it is now. */
function connect({ zipkin, prometheus, elasticsearch }: Config['backends'], { clock, rules }: { clock: Clock, rules: () => TelemetrySnapshot }): { sources: Connected, close: () => Promise<void> } {
  const upstreams: Upstream[] = []
  const traceReader = createTraceReader(rules)
  const upstreamOf = (source: BackendName, backend: Backend, probe: string): Upstream => {
    const upstream = createUpstream({ source, ...backend, clock, probe })
    upstreams.push(upstream)
    return upstream
  }
  const sources: Connected = {
    ...(zipkin && { traces: createZipkinTraceSource({ upstream: upstreamOf('zipkin', zipkin, '/health'), reader: traceReader, clock, rules }) }),
    ...(prometheus && { metrics: createPrometheusMetricSource({ upstream: upstreamOf('prometheus', prometheus, prometheusProbe), clock, consumerAttributes: rules().consumerAttributes, only: prometheus.match }) }),
    ...(elasticsearch && { logs: createElasticLogSource({ upstream: upstreamOf('elasticsearch', elasticsearch, '/'), clock, indices: elasticsearch.indices, maskedKeys: rules().maskedKeys }) }),
  }
  return {
    sources,
    close: async () => void await Promise.all([traceReader.close(), ...upstreams.map(upstream => upstream.close())]),
  }
}
