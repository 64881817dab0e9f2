import { z } from 'zod'
import { parseArea } from '../search/area'
import { logLevels } from '../log-level'
import { answeredWindow, sourceWarning, timeRange } from './time-range'
import { attributeConditions, searchTotal } from './trace-search'

const service = z.string().min(1).max(300)
const level = z.enum(logLevels)

export const logFilter = z.object({
  ...timeRange,
  text: z.string().max(500).optional(),
  service: z.union([service, z.array(service).max(20)]).optional(),
  /** This level and worse. */
  level: level.optional(),
  trace: z.string().regex(/^[0-9a-f]{16}([0-9a-f]{16})?$/).optional(),
  span: z.string().regex(/^[0-9a-f]{16}$/).optional(),
  attribute: attributeConditions,
  /** A part of the histogram: `from-to` in ms. */
  area: z.string().max(80).refine(text => parseArea(text) !== undefined, { params: { code: 'error.issue.format' } }).optional(),
})
export type LogFilter = z.infer<typeof logFilter>

export const searchLogs = logFilter.extend({
  cursor: z.string().max(4_000).optional(),
  limit: z.coerce.number().int().min(1).max(500).optional(),
})
export type SearchLogs = z.infer<typeof searchLogs>

export const logLine = z.object({
  id: z.string(),
  /** Nanoseconds since the epoch, as decimal text. */
  nanos: z.string(),
  at: z.iso.datetime(),
  level,
  service: z.string(),
  body: z.string(),
  traceId: z.string().optional(),
  spanId: z.string().optional(),
}).meta({ id: 'LogLine' })
export type SentLogLine = z.infer<typeof logLine>

export const logLineDetails = logLine.extend({
  observedAt: z.iso.datetime(),
  levelText: z.string(),
  scope: z.string().optional(),
  attributes: z.record(z.string(), z.unknown()),
  resource: z.record(z.string(), z.unknown()),
  colour: z.int().optional(),
}).meta({ id: 'LogLineDetails' })
export type LogLineDetails = z.infer<typeof logLineDetails>

export const lineParams = z.object({ lineId: z.string().min(1).max(1_100) })

export const logPage = z.object({
  lines: z.array(logLine),
  next: z.string().optional(),
  total: searchTotal,
  window: answeredWindow,
  searchedTo: z.iso.datetime(),
  warnings: z.array(sourceWarning),
  colours: z.record(z.string(), z.int()),
  nothing: z.object({
    without: z.object({ key: z.string(), value: z.string(), count: z.int(), atLeast: z.boolean() }).optional(),
    lastReceived: z.iso.datetime().optional(),
  }).optional(),
}).meta({ id: 'LogPage' })
export type LogResultPage = z.infer<typeof logPage>

export const logHistogram = z.object({
  window: answeredWindow,
  step: z.int(),
  /** Start of the first column, on the step's grid. */
  from: z.iso.datetime(),
  /** Counts of each column, by level. */
  counts: z.record(z.string(), z.array(z.int())),
  total: z.int(),
  /** Commonest messages of the selected part, else of all. */
  commonest: z.array(z.object({ message: z.string(), count: z.int() })),
  warnings: z.array(sourceWarning),
}).meta({ id: 'LogHistogram' })
export type LogHistogramAnswer = z.infer<typeof logHistogram>

export const logValues = z.object({ services: z.array(z.string()) }).meta({ id: 'LogValues' })
export type LogValues = z.infer<typeof logValues>
