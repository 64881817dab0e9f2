import { z } from 'zod'
import { sentence } from './sentence'

export const culpritTypes = [
  'slow_local', 'slow_dependency', 'timeout', 'call_rate', 'retry_storm', 'n_plus_one', 'error_origin', 'only_subset', 'queue_lag', 'saturation', 'missing_telemetry',
] as const

/** Who is held responsible: the instrumented side, on an edge the caller with `remote` the callee. */
export const culprit = z.object({
  service: z.string(),
  operation: z.string(),
  remote: z.string().nullable(),
  type: z.enum(culpritTypes),
}).meta({ id: 'Culprit' })

const pair = z.object({ attribute: z.string(), value: z.string() })
/** The subset that it is confined to. */
export const qualifier = pair.extend({ and: pair.optional() })

export const confidence = z.enum(['high', 'medium', 'low'])

/** Microseconds; since the epoch where it is a time. */
const micros = z.number()
const span = z.object({ from: micros, to: micros })

export const decompositionRow = z.object({
  kind: z.enum(['local', 'edge', 'queue', 'rest']),
  service: z.string(),
  operation: z.string(),
  remote: z.string().nullable(),
  /** Per request; duration, rate and product sum to it. */
  change: micros,
  duration: micros,
  rate: micros,
  product: micros,
  /** Where the time went is not what decides: why. */
  note: sentence.optional(),
})
export type SentDecompositionRow = z.infer<typeof decompositionRow>

/** One answer of the diagnosis: where, why, and how sure. */
export const diagnosis = z.object({
  at: micros,
  onset: micros.optional(),
  incident: span,
  baseline: span,
  symptom: z.enum(['latency', 'errors', 'telemetry', 'none']),
  affected: z.array(z.object({ service: z.string(), operation: z.string() })),
  culprit: culprit.nullable(),
  qualifier: qualifier.nullable(),
  title: sentence,
  confidence,
  confidenceReason: sentence,
  runnersUp: z.array(z.object({ culprit, explains: z.number(), whyNot: sentence })),
  second: culprit.nullable(),
  evidence: z.array(sentence),
  /** The change of the affected endpoints' mean; the rows sum to `after - before`. With `isSpent` nothing is compared, and they are the mean itself. */
  decomposition: z.object({ isSpent: z.literal(true).optional(), before: micros, after: micros, rows: z.array(decompositionRow) }),
  exemplars: z.array(z.object({ traceId: z.string(), kind: z.enum(['slow', 'failed', 'normal']), duration: micros, at: micros })),
  caveats: z.array(sentence),
}).meta({ id: 'Diagnosis' })
export type SentDiagnosis = z.infer<typeof diagnosis>
