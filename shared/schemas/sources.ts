import { z } from 'zod'
import { sourceHealth } from './status'

const time = z.iso.datetime()
const signal = z.enum(['traces', 'metrics', 'logs'])

export const sourcesQuery = z.strictObject({
  /** Asks the sources now, whatever is known of them. */
  fresh: z.literal('true').optional(),
})

export const receiverStats = z.object({
  /** Whether this process owns the data directory, and so receives. */
  receiving: z.boolean(),
  address: z.object({ host: z.string(), port: z.int() }).nullable(),
  /** Of the last month, by who sent it. */
  accepted: z.array(z.object({ service: z.string(), key: z.string(), spans: z.int(), points: z.int(), logs: z.int(), rejected: z.int(), lastAt: time })),
  rejected: z.array(z.object({ reason: z.string(), count: z.int(), services: z.array(z.string()), keys: z.array(z.string()), lastAt: time })),
  /** Turned away before anything was read, since the start. */
  refused: z.array(z.object({ reason: z.string(), count: z.int(), lastAt: time })),
  queue: z.object({ batches: z.int(), bytes: z.number(), limitBytes: z.number() }),
  lag: z.object({ p50: z.number().nullable(), p95: z.number().nullable() }),
  disk: z.object({ bytes: z.number(), usedBytes: z.number(), limitBytes: z.number(), oldestSpan: time.nullable(), oldestLog: time.nullable() }),
  removed: z.array(z.object({ what: z.string(), rows: z.int(), lastAt: time })),
  lastReceived: z.array(z.object({ service: z.string(), signal, at: time })),
  setAside: z.string().nullable(),
})
export type ReceiverStats = z.infer<typeof receiverStats>

export const sourcesAnswer = z.object({
  at: time,
  sources: z.array(sourceHealth.extend({
    /** What it can do beyond the least: codes of the text catalogue. */
    capabilities: z.array(z.string()),
  })),
  receiver: receiverStats.nullable(),
  retention: z.object({ spansDays: z.number(), logsDays: z.number(), maxBytes: z.number(), rollup10sDays: z.number(), rollup1mDays: z.number(), rollup10mDays: z.number() }),
}).meta({ id: 'Sources' })
export type SourcesAnswer = z.infer<typeof sourcesAnswer>
