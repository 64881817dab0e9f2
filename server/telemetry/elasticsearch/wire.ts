import { z } from 'zod'
import { refusal } from './refusal'

/** Only what is read of an answer; documents are taken apart by `toLogLine`. */
export const shards = z.object({ total: z.int().default(0), failed: z.int().default(0), failures: z.array(z.object({ reason: z.object({ reason: z.string().nullish() }).nullish() })).optional() })

const bucket = z.object({ key: z.number(), doc_count: z.int() })

export const found = z.object({
  timed_out: z.boolean().default(false),
  _shards: shards.default({ total: 0, failed: 0 }),
  /** Other clusters that this one asks for us. */
  _clusters: z.object({ skipped: z.int().default(0), failed: z.int().default(0) }).optional(),
  pit_id: z.string().optional(),
  hits: z.object({
    total: z.object({ value: z.int(), relation: z.enum(['eq', 'gte']) }).optional(),
    hits: z.array(z.object({
      _index: z.string(), _id: z.string(), _source: z.unknown().optional(), sort: z.array(z.unknown()).optional(), fields: z.record(z.string(), z.array(z.unknown())).optional(),
    })),
  }),
  aggregations: z.object({ levels: z.object({ buckets: z.record(z.string(), z.object({ steps: z.object({ buckets: z.array(bucket) }) })) }) }).optional(),
})
export type Found = z.infer<typeof found>
export type FoundHit = Found['hits']['hits'][number]

export const answer = z.union([found, refusal])

export const opened = z.union([z.object({ id: z.string() }), z.object({ pit_id: z.string() }).transform(({ pit_id }) => ({ id: pit_id })), refusal])

export const closed = z.unknown()

export const greeting = z.object({ version: z.object({ number: z.string(), distribution: z.string().optional() }), tagline: z.string().optional() })

export const catHealth = z.array(z.object({ epoch: z.coerce.number(), status: z.string() }))
export const catIndices = z.array(z.object({ 'index': z.string(), 'status': z.string(), 'health': z.string().nullish(), 'docs.count': z.coerce.number().catch(0) }))
