import { z } from 'zod'
import { levels, red, state, trend, usual } from './red'
import { answeredWindow, population, sourceWarning, timeRange } from './time-range'

const name = z.string().min(1).max(300)

export const mapQuery = z.strictObject({
  ...timeRange,
  /** Only the service, queue or address of this name, whom it calls and who calls it. */
  focus: name.optional(),
  /** Only what is degraded or critical, or only what nobody can judge. */
  only: z.enum(['trouble', 'unknown']).optional(),
})
export type MapQuery = z.infer<typeof mapQuery>

export const mapNodeKinds = ['consumers', 'service', 'queue', 'address'] as const
/** Figures of the window; null where nothing measures them, which is not zero. */
const figures = z.object({ requests: z.number(), failed: z.number(), p95: z.number().nullable() })
export type MapFigures = z.infer<typeof figures>

/** A database that a service calls: part of the service's box; or a queue of several in one. Null: nobody measures it. */
export const mapStore = z.object({ name: z.string(), state, levels, figures: figures.nullable() })
export type MapStore = z.infer<typeof mapStore>

export const mapNode = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(mapNodeKinds),
  /** Of the palette, for services. */
  colour: z.int().nullable(),
  state,
  /** What it receives, measured by itself. */
  figures: figures.nullable(),
  levels,
  stores: z.array(mapStore),
  /** Where the state is unknown: since when, if that is known. */
  since: z.iso.datetime().nullable(),
  /** Of the box of the consumers: how many are known by name, and requests that named none. */
  consumers: z.object({ known: z.int(), unnamed: z.number() }).optional(),
  x: z.number(), y: z.number(), width: z.number(), height: z.number(),
})
export type MapNode = z.infer<typeof mapNode>

export const mapEdge = z.object({
  from: z.string(),
  to: z.string(),
  /** `entry` is measured by who is called, everything else by the caller. A message's outcome is not the sender's to know. */
  kind: z.enum(['entry', 'call', 'message']),
  state,
  figures: figures.nullable(),
  levels,
  /** SVG path. */
  path: z.string(),
  stroke: z.number(),
  label: z.object({ x: z.number(), y: z.number() }),
})
export type MapEdge = z.infer<typeof mapEdge>

export const serviceMap = z.object({
  at: z.iso.datetime(),
  window: answeredWindow,
  population,
  /** Where the lines come from: the calls themselves, or traces that were kept, which know no rates. */
  basis: z.enum(['calls', 'traces']),
  nodes: z.array(mapNode),
  edges: z.array(mapEdge),
  /** So many that names are all that fits. */
  dense: z.boolean(),
  width: z.number(),
  height: z.number(),
  columns: z.array(z.object({ x: z.number(), place: z.enum(['outside', 'entry', 'inner', 'end']) })),
  /** Of the whole map, whatever is shown of it. */
  counts: z.object({ services: z.int(), edges: z.int() }),
  /** Of everything on the whole map, to be found by. */
  names: z.array(z.string()),
  warnings: z.array(sourceWarning),
}).meta({ id: 'ServiceMap' })
export type ServiceMap = z.infer<typeof serviceMap>

export const mapEdgeQuery = z.strictObject({ ...timeRange, caller: name, callee: name })

/** One line of the map, measured by the caller. */
export const mapEdgeDetail = z.object({
  caller: z.object({ name: z.string(), colour: z.int().nullable() }),
  callee: z.object({ name: z.string(), colour: z.int().nullable(), kind: z.enum(['service', 'database', 'messaging', 'address']) }),
  at: z.iso.datetime(),
  window: answeredWindow,
  population,
  state,
  red,
  usual,
  levels,
  /** The last 60 minutes. */
  trend,
  onset: z.object({ errors: z.int().nullable(), latency: z.int().nullable() }),
  operations: z.array(z.object({ operation: z.string(), kind: z.enum(['client', 'producer']), ...red.shape })),
  /** What passes here, by a sample of traces; null where those cannot or may not be read. */
  through: z.object({
    traces: z.int(),
    population,
    /** Registered ones, by the request that their traces began with. `share` is of the sample, `failed` counts traces. */
    endpoints: z.array(z.object({ id: z.string(), method: z.string(), template: z.string(), nameKo: z.string(), nameEn: z.string(), traces: z.int(), share: z.number(), failed: z.int() })),
    /** Traces that began with another request. */
    others: z.int(),
  }).nullable(),
  warnings: z.array(sourceWarning),
}).meta({ id: 'MapEdge' })
export type MapEdgeDetail = z.infer<typeof mapEdgeDetail>
