import { z } from 'zod'
import { change } from './change'
import { incidentMark } from './incident'
import { endpointParams } from './endpoint'
import { red, standing, usual } from './red'
import { answeredWindow, population, sourceWarning, timeRange } from './time-range'

export const endpointAnalysisParams = endpointParams
export const endpointAnalysisQuery = z.strictObject(timeRange)

/** RED by step, oldest first; null where nobody called. Durations in microseconds. */
export const redSeries = z.object({
  step: z.int(),
  /** Start of the first step. */
  from: z.iso.datetime(),
  requests: z.array(z.number().nullable()),
  failed: z.array(z.number().nullable()),
  clientErrors: z.array(z.number().nullable()),
  p50: z.array(z.number().nullable()),
  p95: z.array(z.number().nullable()),
  p99: z.array(z.number().nullable()),
})
export type SentRedSeries = z.infer<typeof redSeries>

export const pathPart = z.object({
  service: z.string(),
  /** Mean self time on the critical path of a trace. */
  micros: z.number(),
  /** Of all self time on these paths, 0 to 1. */
  share: z.number(),
})
export type PathPart = z.infer<typeof pathPart>

export const pathShares = z.object({
  /** How many traces this rests on. */
  traces: z.int(),
  parts: z.array(pathPart),
})
export type SentPathShares = z.infer<typeof pathShares>

export const analysedTrace = z.object({
  traceId: z.string(),
  startedAt: z.iso.datetime(),
  duration: z.number(),
  status: z.int().nullable(),
  failed: z.boolean(),
  errorType: z.string().nullable(),
  /** Only for those who may read consumers. */
  consumer: z.string().nullable().optional(),
  path: z.array(z.object({ service: z.string(), micros: z.number() })),
})
export type AnalysedTrace = z.infer<typeof analysedTrace>

export const analysedConsumer = z.object({
  id: z.string(), requests: z.number(), failed: z.number(), clientErrors: z.number(), p95: z.number().nullable(),
})

export const endpointAnalysis = z.object({
  at: z.iso.datetime(),
  window: answeredWindow,
  population,
  ...standing.shape,
  /** p95 in microseconds from which it is degraded; dashed in the chart. */
  limit: z.number(),
  /** Whether the limit is the endpoint's own objective. */
  ownObjective: z.boolean(),
  red,
  usual,
  series: redSeries,
  changes: z.array(change),
  /** Open ones that disturb it. */
  incidents: z.array(incidentMark),
  /** Only for those who may read traces; null where the source failed. */
  traces: z.object({
    population,
    /** Since when the traces below were taken: the trouble's beginning, or the window's. */
    since: z.iso.datetime(),
    now: pathShares,
    usual: pathShares,
    failing: z.array(analysedTrace),
    slowest: z.array(analysedTrace),
    exemplars: z.array(z.object({ at: z.iso.datetime(), duration: z.number(), traceId: z.string(), failed: z.boolean() })),
    /** Palette numbers of the services named. */
    colours: z.record(z.string(), z.int()),
  }).nullable().optional(),
  /** Only for those who may read consumers. */
  consumers: z.array(analysedConsumer).optional(),
  warnings: z.array(sourceWarning),
}).meta({ id: 'EndpointAnalysis' })
export type EndpointAnalysis = z.infer<typeof endpointAnalysis>
