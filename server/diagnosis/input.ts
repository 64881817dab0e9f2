import type { SpanKind } from '#shared/trace/span'
import type { Sentence } from '#shared/text/text'
import type { Micros } from '#shared/units'
import type { Profile } from './profile'
import type { Traces } from '#shared/trace/trace-columns'

/**
 * Everything one analysis looks at, whoever fills it: the embedded store (all spans, so series and traces are
 * complete), connected backends (kept traces with their ratio, series from unsampled metrics) or a replay.
 */
export interface DiagnosisInput {
  /** When it is asked: the end of the incident window. */
  at: Micros
  /** Operations that answer consumers and are disturbed. Empty: found from the traces themselves. */
  symptoms: OperationName[]
  /** Where it is known better than the series can tell, for instance chosen by a person. */
  onset?: Micros
  /** When somebody or something noticed it: it began no later. */
  noticed?: Micros
  /** Somebody wants to know whether anything is wrong with the symptoms; that it is nobody said. */
  isAsked?: boolean
  /** RED in steps of 10 s, best counted before sampling; without it steps are taken from the traces and scaled up. */
  series: RedSeries[]
  /** Of the incident window and, without a profile, as much of the hour before as can be had; at most 3,000, weighted by 1/p. */
  traces: Traces
  /** They are those that somebody kept: how often a request is made, `series` alone say. */
  isKept?: boolean
  /** What is usual, rolled up before; beside it `traces` need hold no baseline. */
  baseline?: Profile
  /** Lines of those traces, where logs are held. */
  logs: LogEntry[]
  /** Traces whose lines these are; absent: of all. What was not asked for is not missing. */
  linesOf?: readonly string[]
  changes: ChangeEvent[]
  /** Windows in which another incident was open: never part of a baseline, and once it is over no part of this one. */
  excluded: { from: Micros, to: Micros }[]
  /** How many requests a kept trace stands for on average; absent: as the traces' weights say. */
  sampling?: number
  /** What could not be had, in words. */
  caveats?: Sentence[]
}

export interface OperationName {
  service: string
  operation: string
}

export interface RedSeries extends OperationName {
  kind: SpanKind
  /** Empty for requests. */
  remote: string
  /** Steps without a call are absent. `duration` is their sum. */
  steps: { at: Micros, requests: number, failed: number, duration: Micros }[]
}

export interface LogEntry {
  at: Micros
  service: string
  level: string
  body: string
  traceId: string
  spanId: string
}

/** Something somebody did, or that telemetry showed for the first time. */
export interface ChangeEvent {
  at: Micros
  kind: 'deployment' | 'configuration' | 'instance' | 'flag'
  service: string
  /** The version, or `key = value`. */
  what: string
}
