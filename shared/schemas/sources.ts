import { z } from 'zod'
import { sourceHealth } from './status'

const time = z.iso.datetime()
const address = z.object({ host: z.string(), port: z.int() })
const signal = z.enum(['traces', 'metrics', 'logs'])
export const sourceSignals = signal.options

export const sourcesQuery = z.strictObject({
  /** Asks this source, or all of them, now and anew, whatever is known of it. */
  check: z.enum(['all', ...signal.options]).optional(),
})

export type SourcesQuery = z.infer<typeof sourcesQuery>

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

/** A source as a check found it. */
export const checkedSource = sourceHealth.extend({
  checkedAt: time,
  /** Of the backend's program. */
  version: z.string().optional(),
  /** What was found out about it: codes of the text catalogue (`source.found.<code>`) with what fills them. */
  found: z.array(z.object({ code: z.string(), params: z.record(z.string(), z.union([z.string(), z.number()])).optional() })),
  /** How far its clock is ahead of ours, ms. */
  clockAhead: z.number().optional(),
}).meta({ id: 'CheckedSource' })
export type CheckedSource = z.infer<typeof checkedSource>

export const sourceRow = checkedSource.extend({
  /** What it can do beyond the least, and what not: codes of the text catalogue (`sources.can.<code>`). */
  can: z.array(z.string()),
  cannot: z.array(z.string()),
  /** How fast it answered: each of the last 60 minutes its slowest, and what 95 % of all stayed under, ms. */
  latencies: z.array(z.number().nullable()),
  latencyP95: z.number().nullable(),
})
export type SourceRow = z.infer<typeof sourceRow>

export const pastTrouble = z.object({
  signal, source: sourceHealth.shape.source,
  /** Does not answer, or has nothing new. */
  state: z.enum(['failed', 'late']),
  trouble: sourceHealth.shape.trouble,
  from: time,
  /** Null while it lasts. */
  to: time.nullable(),
})
export type PastTrouble = z.infer<typeof pastTrouble>

export const sourcesAnswer = z.object({
  at: time,
  sources: z.array(sourceRow),
  /** Of a day, newest first; `since` is when we began to look. */
  troubles: z.object({ since: time, list: z.array(pastTrouble) }),
  receiver: receiverStats.nullable(),
  retention: z.object({ spansDays: z.number(), logsDays: z.number(), maxBytes: z.number(), rollup10sDays: z.number(), rollup1mDays: z.number(), rollup10mDays: z.number() }),
}).meta({ id: 'Sources' })
export type SourcesAnswer = z.infer<typeof sourcesAnswer>
