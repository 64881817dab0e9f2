import { z } from 'zod'
import { sourceHealth } from './status'

const time = z.iso.datetime()
const address = z.object({ host: z.string(), port: z.int() })
const signal = z.enum(['traces', 'metrics', 'logs'])

export const sourcesQuery = z.strictObject({
  /** Asks the sources now, whatever is known of them. */
  fresh: z.literal('true').optional(),
})

const perSignal = <T extends z.ZodType>(value: T) => z.object({ spans: value, points: value, logs: value })

export const receiverStats = z.object({
  /** Whether this process owns the data directory, and so receives. */
  receiving: z.boolean(),
  address: address.nullable(),
  grpcAddress: address.nullable(),
  /** Of the last month, by who sent it. */
  accepted: z.array(z.object({
    service: z.string(), key: z.string(), spans: z.int(), points: z.int(), logs: z.int(), rejected: z.int(), lastAt: time,
    /** A second, lately; null where that signal never came. */
    rates: perSignal(z.number().nullable()),
  })),
  rejected: z.array(z.object({ reason: z.string(), count: z.int(), services: z.array(z.string()), keys: z.array(z.string()), lastAt: time })),
  /** By hour, the last 24; null before anything was ever sent here. */
  course: z.object({
    from: time,
    /** Milliseconds; the last step is still going on. */
    step: z.int(),
    /** Taken a second. */
    accepted: perSignal(z.array(z.number().nullable())),
    /** Not taken, in all. */
    rejected: z.array(z.int().nullable()),
  }),
  /** Turned away before anything was read, since the start. */
  refused: z.array(z.object({ reason: z.string(), count: z.int(), lastAt: time })),
  queue: z.object({ batches: z.int(), bytes: z.number(), limitBytes: z.number() }),
  lag: z.object({ p50: z.number().nullable(), p95: z.number().nullable() }),
  disk: z.object({ bytes: z.number(), usedBytes: z.number(), limitBytes: z.number(), oldestSpan: time.nullable(), oldestLog: time.nullable(), volume: z.object({ bytes: z.number(), freeBytes: z.number() }).nullable() }),
  removed: z.array(z.object({ what: z.string(), rows: z.int(), lastAt: time })),
  /** The newest of every service and signal. */
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
