import { z } from 'zod'
import { DAY, HOUR, MINUTE, type TimeWindow } from '../units'

/** Ranges that move with the clock, as they stand in URLs. */
export const relativeRanges = { '5m': 5 * MINUTE, '15m': 15 * MINUTE, '30m': 30 * MINUTE, '1h': HOUR, '3h': 3 * HOUR, '12h': 12 * HOUR, '1d': DAY, '7d': 7 * DAY } as const
export type RelativeRange = keyof typeof relativeRanges

/** To be spread into a query: `?range=5m` moves, `?from=&to=` stays; with neither the route's own fallback holds. */
export const timeRange = {
  range: z.enum(Object.keys(relativeRanges) as [RelativeRange, ...RelativeRange[]]).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
}

export interface TimeRangeQuery { range?: RelativeRange, from?: string, to?: string }

/** Half a range, or one that ends before it begins, is none. */
export function windowOf({ range, from, to }: TimeRangeQuery, now: Date, fallback: RelativeRange = '5m'): TimeWindow {
  if (from && to && Date.parse(from) < Date.parse(to)) return { from: new Date(from), to: new Date(to) }
  return { from: new Date(now.getTime() - relativeRanges[range ?? fallback]), to: now }
}

/** The window of an answer, as it is sent. */
export const answeredWindow = z.object({ from: z.iso.datetime(), to: z.iso.datetime() })
export function toAnsweredWindow({ from, to }: TimeWindow) {
  return { from: from.toISOString(), to: to.toISOString() }
}

export const population = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('all') }),
  z.object({ kind: z.literal('estimated') }),
  z.object({ kind: z.literal('kept'), rate: z.number().optional() }),
])

export const sourceWarning = z.object({
  source: z.enum(['embedded', 'zipkin', 'prometheus', 'elasticsearch']),
  code: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  since: z.iso.datetime().optional(),
})
export type SentWarning = z.infer<typeof sourceWarning>
export function toSentWarning<W extends { since?: Date }>(warning: W) {
  return { ...warning, since: warning.since?.toISOString() }
}
