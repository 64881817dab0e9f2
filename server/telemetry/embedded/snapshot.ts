import type { IngestScope } from '#shared/schemas/ingest-scope'

/**
 * What the receiver and the worker need to know of the control file, as one numbered value. The worker reads no
 * control table: the main thread sends a whole new snapshot at each change, and an older one never replaces a newer.
 */
export interface TelemetrySnapshot {
  version: number
  keys: IngestKey[]
  /** Registered templates: where a sender gives no route, its path takes the best of these. */
  routes: { service: string, method: string, template: string }[]
  /** Attributes that may name the consumer, the best first. */
  consumerAttributes: string[]
  /** Values of keys like these are masked before they are stored. */
  maskedKeys: string[]
  retention: Retention
}

export interface IngestKey {
  id: string
  /** SHA-256 of the key, 64 lower-case hex digits; the key itself is known to its holder only. */
  digest: string
  scopes: IngestScope[]
  /** Lower-case names it may write for; absent means all. */
  services?: string[]
  /** Share of traces its senders keep, (0..1]; what a span's own trace state says wins. */
  samplingRatio: number
  /** Most requests and bytes a minute; absent means the receiver's own limits only. */
  requestsPerMinute?: number
  bytesPerMinute?: number
}

export interface Retention {
  spansDays: number
  logsDays: number
  /** Of the telemetry file; what is oldest goes first. */
  maxBytes: number
  rollup10sDays: number
  rollup1mDays: number
  rollup10mDays: number
}
