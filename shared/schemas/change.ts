import { z } from 'zod'
import { serviceName } from './endpoint'
import { answeredWindow, timeRange } from './time-range'

export const changeKinds = ['deployment', 'configuration'] as const

const short = z.string().trim().min(1).max(200)
const value = z.string().max(1_000)

/** `POST /api/changes`: a deployment names its version, a configuration change its key. */
export const announceChange = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('deployment'),
    service: serviceName,
    version: short,
    at: z.iso.datetime({ offset: true }).optional(),
    author: short.optional(),
  }),
  z.strictObject({
    kind: z.literal('configuration'),
    service: serviceName,
    key: short,
    oldValue: value.nullish(),
    newValue: value.nullish(),
    at: z.iso.datetime({ offset: true }).optional(),
    author: short.optional(),
  }),
])
export type AnnounceChange = z.infer<typeof announceChange>

export const change = z.object({
  id: z.string(),
  kind: z.enum([...changeKinds, 'endpoint']),
  service: z.string(),
  version: z.string().nullable(),
  key: z.string().nullable(),
  oldValue: z.string().nullable(),
  newValue: z.string().nullable(),
  author: z.string().nullable(),
  source: z.enum(['announced', 'seen', 'registry']),
  /** Of a change of an endpoint: which, what became of it, and which fields. */
  endpoint: z.object({
    id: z.string(),
    method: z.string(),
    template: z.string(),
    revision: z.int(),
    what: z.string(),
    fields: z.array(z.string()),
  }).nullable(),
  at: z.iso.datetime(),
}).meta({ id: 'Change' })
export type Change = z.infer<typeof change>

export const listChanges = z.strictObject({
  ...timeRange,
  service: z.string().max(200).toLowerCase().optional(),
  endpoint: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})
export type ListChanges = z.infer<typeof listChanges>
export const changes = z.object({ changes: z.array(change), window: answeredWindow })
