import { z } from 'zod'
import { change } from './change'
import { incidentMark } from './incident'
import { levels, packedTrend, red, standing, state, usual } from './red'
import { answeredWindow, population, sourceWarning, timeRange } from './time-range'

export const statusQuery = z.strictObject(timeRange)

export const sourceHealth = z.object({
  signal: z.enum(['metrics', 'traces', 'logs']),
  source: z.enum(['embedded', 'zipkin', 'prometheus', 'elasticsearch']),
  state: z.enum(['ok', 'late', 'failed', 'idle']),
  lastReceived: z.iso.datetime().nullable(),
  /** Milliseconds the check took. */
  latency: z.number(),
  /** Where something is wrong: what fills its sentence, `reason` first of all. */
  trouble: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.undefined()])).optional(),
}).meta({ id: 'SourceHealth' })
export type SentSourceHealth = z.infer<typeof sourceHealth>

export const boardService = z.object({
  name: z.string(),
  /** 1 to 12 of the palette. */
  colour: z.int(),
  ...standing.shape,
  ...red.shape,
  usual,
  levels,
  /** The last 60 minutes, one value each, whatever the window. */
  trend: packedTrend,
  /** Step of the trend since when errors and p95 have been beyond their limits without a break. */
  onset: z.object({ errors: z.int().nullable(), latency: z.int().nullable() }),
  /** The worst state of each of these minutes: h, d, c or u. */
  states: z.string(),
})
export type BoardService = z.infer<typeof boardService>

export const boardEndpoint = z.object({
  id: z.string(),
  service: z.string(),
  method: z.string(),
  template: z.string(),
  nameKo: z.string(),
  nameEn: z.string(),
  state,
  requests: z.number(),
  failed: z.number(),
  p95: z.number().nullable(),
  usual,
  levels,
})
export type BoardEndpoint = z.infer<typeof boardEndpoint>

export const statusBoard = z.object({
  /** When the figures were read. */
  at: z.iso.datetime(),
  window: answeredWindow,
  population,
  counts: z.record(state, z.int()),
  services: z.array(boardService),
  /** Those in trouble first, then those that moved most against their usual. */
  endpoints: z.array(boardEndpoint),
  /** How many are watched in all. */
  endpointCount: z.int(),
  changes: z.array(change),
  /** Open ones, oldest first, as far as the reader may know of them. */
  incidents: z.array(incidentMark),
  sources: z.array(sourceHealth),
  warnings: z.array(sourceWarning),
}).meta({ id: 'StatusBoard' })
export type StatusBoard = z.infer<typeof statusBoard>
