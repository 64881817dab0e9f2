import { z } from 'zod'
import { answeredWindow, sourceWarning, timeRange } from './time-range'

const query = z.string().trim().min(1).max(4_000)
const mode = z.enum(['range', 'instant'])
export type QueryMode = z.infer<typeof mode>
const name = z.string().max(300).regex(/^[a-zA-Z_:][\w:.]*$/)

/** What a query may cost. */
export const metricLimits = z.object({
  /** Points a series. */
  points: z.int(),
  /** Points read, of all series that a query selects. */
  read: z.int(),
  /** Series that are answered. */
  series: z.int(),
  days: z.int(),
  seconds: z.int(),
})

export const metricsAbout = z.object({
  source: z.enum(['embedded', 'zipkin', 'prometheus', 'elasticsearch']),
  promql: z.boolean(),
  limits: metricLimits,
  /** To begin with: made of what the source was found to hold. */
  examples: z.array(z.object({ code: z.string(), query: z.string() })),
}).meta({ id: 'MetricsAbout' })
export type MetricsAbout = z.infer<typeof metricsAbout>

export const runQuery = z.object({
  ...timeRange,
  query,
  mode: mode.default('range'),
  /** Seconds. */
  step: z.coerce.number().int().min(1).max(7 * 86_400).optional(),
})

export const queriedSeries = z.object({
  labels: z.record(z.string(), z.string()),
  /** One for each step, null where there is none; a single one of an instant query. */
  values: z.array(z.number().nullable()),
  /** Of an instant query, where the value is no number that JSON knows: `+Inf`, `-Inf`, `NaN`. */
  text: z.string().optional(),
})
export type QueriedSeries = z.infer<typeof queriedSeries>

export const metricsAnswer = z.object({
  mode,
  at: z.iso.datetime(),
  window: answeredWindow,
  /** Milliseconds; the first step ends at `start`. Null for an instant query. */
  step: z.int().nullable(),
  start: z.iso.datetime(),
  /** How long the source took, ms. */
  took: z.number(),
  series: z.array(queriedSeries),
  /** All of them, shown or not. */
  total: z.int(),
  points: z.int(),
  /** Counts of native histograms stand for them. */
  histograms: z.boolean(),
  /** What was made cheaper than asked for, and why. */
  guard: z.object({
    from: z.int(),
    to: z.int(),
    series: z.int(),
    points: z.int(),
    most: z.int(),
    /** The longest range that could be read with the step that was asked for. */
    shorter: z.string().nullable(),
  }).nullable(),
  warnings: z.array(sourceWarning),
}).meta({ id: 'MetricsAnswer' })
export type MetricsAnswer = z.infer<typeof metricsAnswer>

export const formatQuery = z.object({ query })
export const formattedQuery = z.object({ query: z.string() }).meta({ id: 'FormattedQuery' })

export const metricNames = z.object({ names: z.array(z.object({ name: z.string(), type: z.string(), help: z.string() })), more: z.boolean() }).meta({ id: 'MetricNames' })
export type MetricNames = z.infer<typeof metricNames>
export const ofMetric = z.object({ metric: name.optional() })
export const labelParams = z.object({ label: name })
export const metricLabels = z.object({ values: z.array(z.string()), more: z.boolean() }).meta({ id: 'MetricLabels' })
export type MetricLabels = z.infer<typeof metricLabels>

const savedName = z.string().trim().min(1).max(80)
export const saveQuery = z.object({
  name: savedName,
  query,
  mode: mode.default('range'),
  /** Others may use it; only its owner may change it. */
  shared: z.boolean().default(false),
})
export type SaveQuery = z.output<typeof saveQuery>
export const updateSavedQuery = z.object({ name: savedName.optional(), query: query.optional(), mode: mode.optional(), shared: z.boolean().optional() })
export type UpdateSavedQuery = z.output<typeof updateSavedQuery>

export const savedQuery = z.object({
  id: z.string(), name: z.string(), query: z.string(), mode, shared: z.boolean(),
  own: z.boolean(),
  owner: z.string(),
  updatedAt: z.iso.datetime(),
}).meta({ id: 'SavedQuery' })
export type SavedQuery = z.infer<typeof savedQuery>
export const savedQueryList = z.object({ queries: z.array(savedQuery) }).meta({ id: 'SavedQueryList' })
export type SavedQueryList = z.infer<typeof savedQueryList>
