import type { Sentence } from '#shared/text/text'
import type { Micros } from '#shared/units'
import type { KeyKind } from './vocabulary'

export const culpritTypes = [
  'slow_local', 'slow_dependency', 'timeout', 'call_rate', 'retry_storm', 'n_plus_one', 'error_origin', 'only_subset', 'queue_lag', 'saturation', 'missing_telemetry',
] as const
export type CulpritType = typeof culpritTypes[number]

/**
 * Who is held responsible. On an edge the caller and its client span's operation, with `remote` the callee's name,
 * unless the callee is instrumented and blamed: then its own service and operation.
 */
export interface Culprit {
  service: string
  operation: string
  remote: string | null
  type: CulpritType
}

/** The subset that it is confined to. */
export interface Qualifier {
  attribute: string
  value: string
  /** Where only both together confine it. */
  and?: { attribute: string, value: string }
}

export type Confidence = 'high' | 'medium' | 'low'

export interface Diagnosis {
  at: Micros
  /** Undefined where no series shows a beginning; then the windows are a guess, and the confidence is low. */
  onset?: Micros
  incident: { from: Micros, to: Micros }
  baseline: { from: Micros, to: Micros }
  /** What is wrong with the affected endpoints, which decides what evidence counts. */
  symptom: 'latency' | 'errors' | 'telemetry' | 'none'
  affected: { service: string, operation: string }[]
  /** Null where nothing stands out. */
  culprit: Culprit | null
  qualifier: Qualifier | null
  title: Sentence
  confidence: Confidence
  confidenceReason: Sentence
  runnersUp: RunnerUp[]
  /** A second cause: strongest in the requests that the first does not explain. */
  second: Culprit | null
  evidence: Sentence[]
  /**
   * The change of the affected endpoints' mean by key; rows sum to `after - before`. With `isSpent` nothing is compared:
   * `before` is 0, and the rows are the mean itself.
   */
  decomposition: { isSpent?: true, before: Micros, after: Micros, rows: DecompositionRow[] }
  exemplars: Exemplar[]
  /** What the reader has to know about the data. */
  caveats: Sentence[]
}

export interface RunnerUp {
  culprit: Culprit
  /** Of what changed, 0 to 1. */
  explains: number
  whyNot: Sentence
}

export interface DecompositionRow {
  /** `rest`: what is too small for a row of its own. */
  kind: KeyKind | 'rest'
  service: string
  operation: string
  remote: string | null
  /** Microseconds per request; the parts sum to it. */
  change: Micros
  duration: Micros
  rate: Micros
  product: Micros
  /** Where the time went is not what decides: why. */
  note?: Sentence
}

export interface Exemplar {
  traceId: string
  kind: 'slow' | 'failed' | 'normal'
  duration: Micros
  /** Start of the span to look at, microseconds since the epoch. */
  at: Micros
}
