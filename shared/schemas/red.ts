import { z } from 'zod'
import { states } from '../status/state'
import { sentence } from './sentence'

export const state = z.enum(states)

/** Rate, errors, duration of a window; durations in microseconds to three digits, null where nobody called. */
export const red = z.object({
  requests: z.number(),
  failed: z.number(),
  clientErrors: z.number(),
  mean: z.number().nullable(),
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
}).meta({ id: 'Red' })
export type SentRed = z.infer<typeof red>

export const standing = z.object({
  state,
  /** Why, in one sentence. */
  reason: sentence,
  since: z.iso.datetime().nullable(),
  /** Requests the state rests on, where they are fewer than 20. */
  few: z.int().optional(),
})
export type SentStanding = z.infer<typeof standing>

/** p50 and p95 of the 24 h before the window; null: not enough data. */
export const usual = z.object({ p50: z.number(), p95: z.number() }).nullable()
export type SentUsual = z.infer<typeof usual>

/** One value for each step, oldest first; null where nobody called. */
export const trend = z.object({
  requests: z.array(z.number().nullable()),
  failed: z.array(z.number().nullable()),
  p95: z.array(z.number().nullable()),
})
export type SentTrend = z.infer<typeof trend>

/**
 * The same as it is drawn, one letter a step: `0` to `z` of base 36 from zero to the largest value, a dash where nobody
 * called. Errors are the share of requests, never scaled below 1 %.
 */
export const packedTrend = z.object({ requests: z.string(), errors: z.string(), p95: z.string() })

const level = z.enum(['healthy', 'degraded', 'critical'])
/** How bad the figures of the window are, each on its own. */
export const levels = z.object({ errors: level, latency: level })
export type SentLevels = z.infer<typeof levels>
