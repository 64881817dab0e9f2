import type { TelemetrySnapshot } from './embedded/snapshot'
import type { LogSource, MetricSource, TraceSource } from './ports'

export type { TelemetrySnapshot } from './embedded/snapshot'

export type Signal = 'traces' | 'metrics' | 'logs'

/** The running telemetry of one data directory: the three sources, the receiver, the worker and its file. */
export interface Telemetry {
  traces: TraceSource
  metrics: MetricSource
  logs: LogSource
  stats: () => Promise<IngestStats>
  /** Takes effect on the next request; a snapshot older than the held one is ignored. */
  updateSnapshot: (snapshot: TelemetrySnapshot) => void
  /** Told after commits, a few times a second at most; the answer ends it. */
  onCommit: (listener: (commit: Commit) => void) => () => void
  /** Stops accepting, commits what is in flight, ends the worker, lets the directory go. */
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
}

/** Numbers of `/admin/sources`: counts since the receiver's file was made, by hour kept for a month. */
export interface IngestStats {
  /** Whether this process owns the directory and so receives. */
  receiving: boolean
  address?: { host: string, port: number }
  accepted: IngestCount[]
  rejected: (IngestCount & { reason: string })[]
  /** Requests turned away before anything was decoded, since the start, by reason: no key, too large, wrong type… */
  refused: { reason: string, count: number, lastAt: Date }[]
  queue: { batches: number, bytes: number, limitBytes: number }
  /** From reading a request's last byte to its commit, over the last minute, ms. */
  lag: { p50?: number, p95?: number }
  disk: { bytes: number, usedBytes: number, limitBytes: number, oldestSpan?: Date, oldestLog?: Date }
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
