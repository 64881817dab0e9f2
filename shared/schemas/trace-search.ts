import { z } from 'zod'
import { parseArea } from '../search/area'
import { parseDuration } from '../search/duration-text'
import { answeredWindow, population, sourceWarning, timeRange } from './time-range'

const name = z.string().min(1).max(300)
const duration = z.string().max(40).refine(text => parseDuration(text) !== undefined, { params: { code: 'error.issue.format' } })
const area = z.string().max(80).refine(text => parseArea(text) !== undefined, { params: { code: 'error.issue.format' } })
/** `key=value`: the first `=` divides. */
export const attributeCondition = z.string().max(1_200).regex(/^[^=]{1,200}=/s)
/** One or several of the same name. */
export const attributeConditions = z.union([attributeCondition, z.array(attributeCondition).max(8)]).optional()

export const traceFilter = z.object({
  ...timeRange,
  service: name.optional(),
  operation: name.optional(),
  /** `POST /api/v1/orders/{id}`, as registered or as a route key. */
  endpoint: z.string().max(600).regex(/^\S+ \S/).optional(),
  consumer: name.optional(),
  min: duration.optional(),
  max: duration.optional(),
  failed: z.literal('true').optional(),
  status: z.enum(['2xx', '3xx', '4xx', '5xx']).optional(),
  attribute: attributeConditions,
  /** A part of the scatter: `from-to-min-max` in ms and µs. */
  area: area.optional(),
})
export type TraceFilter = z.infer<typeof traceFilter>

export const searchTraces = traceFilter.extend({
  cursor: z.string().max(1_000).optional(),
  limit: z.coerce.number().int().min(1).max(200).optional(),
})
export type SearchTraces = z.infer<typeof searchTraces>

export const searchTotal = z.object({ count: z.int(), atLeast: z.boolean() })

const spanKind = z.enum(['internal', 'server', 'client', 'producer', 'consumer'])

export const traceResult = z.object({
  traceId: z.string(),
  startedAt: z.iso.datetime(),
  /** What the consumer waited for; the whole trace while its root is missing. Microseconds. */
  duration: z.number(),
  /** First start to last end, work after the answer included. */
  wholeDuration: z.number(),
  rootMissing: z.boolean(),
  root: z.object({ service: z.string(), operation: z.string(), method: z.string().optional(), routeKey: z.string().optional(), kind: spanKind }),
  consumer: z.string().optional(),
  status: z.int().optional(),
  failed: z.boolean(),
  errorType: z.string().optional(),
  spans: z.int(),
  services: z.int(),
  /** Critical path by service, in order of first appearance; sums to the duration. */
  path: z.array(z.object({ service: z.string(), micros: z.number() })),
  /** Median of the same endpoint over the 24 h before; absent without enough data. */
  usual: z.number().optional(),
}).meta({ id: 'TraceResult' })
export type TraceResult = z.infer<typeof traceResult>

export const tracePage = z.object({
  traces: z.array(traceResult),
  next: z.string().optional(),
  total: searchTotal,
  window: answeredWindow,
  /** Later than the window's start where a budget ended the search. */
  searchedTo: z.iso.datetime(),
  population,
  warnings: z.array(sourceWarning),
  /** Palette number of every service named. */
  colours: z.record(z.string(), z.int()),
  /** Only when nothing was found. */
  nothing: z.object({
    /** The one condition whose removal finds most. */
    without: z.object({ key: z.string(), value: z.string(), count: z.int(), atLeast: z.boolean() }).optional(),
    lastReceived: z.iso.datetime().optional(),
  }).optional(),
}).meta({ id: 'TracePage' })
export type TraceResultPage = z.infer<typeof tracePage>

export const traceScatter = z.object({
  window: answeredWindow,
  /** By column: ms from the window's start, µs, one letter each (`o` answered, `c` 4xx, `f` failed), ids. */
  at: z.array(z.int()),
  duration: z.array(z.number()),
  outcome: z.string(),
  ids: z.array(z.string()),
  counts: z.object({ ok: z.int(), clientError: z.int(), failed: z.int() }),
  thinned: z.boolean(),
  /** Counting stopped at a budget: there are more of each. */
  atLeast: z.boolean(),
  /** Where durations pile up, in µs. */
  pile: z.number().optional(),
}).meta({ id: 'TraceScatter' })
export type TraceScatterAnswer = z.infer<typeof traceScatter>

export const traceComparison = z.object({
  selected: z.int(),
  others: z.int(),
  differences: z.array(z.object({ field: z.string(), value: z.string(), share: z.number(), others: z.number() })),
  alike: z.array(z.string()),
  tooFew: z.boolean(),
}).meta({ id: 'TraceComparison' })
export type TraceComparison = z.infer<typeof traceComparison>

/** What can be chosen, for the box that adds a condition. */
export const traceValues = z.object({
  services: z.array(z.string()),
  endpoints: z.array(z.string()),
  consumers: z.array(z.string()),
  operations: z.array(z.string()),
}).meta({ id: 'TraceValues' })
export type TraceValues = z.infer<typeof traceValues>
