import { z } from 'zod'
import { spanKinds } from '../trace/span-table'
import { incidentMark } from './incident'
import { answeredWindow, population, sourceWarning } from './time-range'
import type { Sentence } from '../text/text'

export const traceMap = z.object({
  nodes: z.array(z.object({ id: z.string(), name: z.string(), kind: z.enum(['service', 'store', 'away']), colour: z.int().nullable(), x: z.number(), y: z.number(), width: z.number(), height: z.number() })),
  edges: z.array(z.object({ from: z.string(), to: z.string(), message: z.boolean(), calls: z.int(), failed: z.int(), longest: z.number(), path: z.string(), label: z.object({ x: z.number(), y: z.number() }) })),
  width: z.number(),
  height: z.number(),
}).meta({ id: 'TraceMap' })
export type TraceMapAnswer = z.infer<typeof traceMap>

export const traceParams = z.object({ traceId: z.string().toLowerCase().regex(/^[0-9a-f]{16}(?:[0-9a-f]{16})?$/, { error: 'trace.id_invalid' }) })
export const spanParams = traceParams.extend({ key: z.string().min(1).max(400) })

/** A code of the text catalogue with what fills it; the catalogue's own type is stricter than a schema can say. */
const sentence = z.object({ code: z.string(), params: z.record(z.string(), z.unknown()).optional() }) as unknown as z.ZodType<Sentence, Sentence>
const micros = z.number().nonnegative()
const share = z.number().nonnegative()

/** One row of the waterfall, as `describeRow` makes it; times in ticks from the trace's start. */
export const traceRow = z.object({
  type: z.enum(['span', 'repeat', 'gap', 'hidden', 'note']),
  span: z.int(), key: z.string(), indent: z.int(), guides: z.int(), chain: z.int(), elbow: z.boolean(),
  service: z.int(), named: z.boolean(), name: z.string(), kind: z.enum(spanKinds),
  from: z.number(), to: z.number(), own: z.array(z.number()), path: z.array(z.number()), waited: z.number().optional(),
  share, state: z.enum(['origin', 'own', 'below', 'retried']).optional(), status: z.int().optional(), pill: z.string().optional(), error: z.string().optional(),
  async: z.boolean().optional(), skewed: z.boolean().optional(), hole: z.enum(['orphan', 'missing', 'cut']).optional(),
  count: z.int().optional(), ticks: z.number().optional(), together: z.number().optional(), note: z.int().optional(),
  expandable: z.boolean(), expanded: z.boolean(), level: z.int(), position: z.int(), siblings: z.int(),
})

/** What is usual for an operation of the trace: its median over the 24 hours before, from at least 20 calls. */
const usual = z.object({ service: z.int(), operation: z.string(), kind: z.enum(spanKinds), p50: micros, calls: z.int() })

export const traceLogLine = z.object({
  id: z.string(), at: z.string(), level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']),
  service: z.string(), body: z.string(), spanId: z.string().optional(),
  /** Microseconds from the trace's start; before it where the clock says so. */
  offset: z.number(),
})

export const traceAnswer = z.object({
  traceId: z.string(),
  /** Changes when spans arrive. */
  version: z.string(),
  startedAt: z.string(),
  /** Microseconds a tick stands for. */
  tick: z.number(),
  total: micros,
  main: z.object({
    key: z.string(), service: z.int(), operation: z.string(), duration: micros, status: z.int().optional(),
    method: z.string().optional(), route: z.string().optional(), consumer: z.string().optional(),
    /** Id of the registered endpoint. */
    endpoint: z.string().optional(),
    /** The end of the main span, in ticks. */
    end: z.number(),
  }).optional(),
  fires: z.int().min(0).max(3),
  verdict: sentence,
  consequence: sentence.optional(),
  /** The span the verdict is about. */
  about: z.string().optional(),
  path: z.array(z.object({ service: z.int(), micros, share, key: z.string() })),
  services: z.array(z.object({ name: z.string(), colour: z.int() })),
  counts: z.object({ spans: z.int(), services: z.int(), errors: z.int(), ownErrors: z.int(), levels: z.int() }),
  origin: z.object({ key: z.string(), service: z.int(), operation: z.string(), error: z.string().optional() }).optional(),
  /** Rows of the default view: the first of them, and how it accounts for every span. */
  rows: z.object({ first: z.array(traceRow), count: z.int(), shown: z.int(), folded: z.int(), hidden: z.int() }),
  /** What has to be known about the data. */
  warnings: z.array(sentence),
  /** Open or past ones it belongs to; absent where nobody could say. */
  incidents: z.array(incidentMark).optional(),
  /** Sources that did not answer: their part comes when the page asks again. */
  missing: z.array(sourceWarning),
  usual: z.array(usual),
  /** Spans still arrive: the newest came then. */
  settling: z.object({ lastArrival: z.string(), until: z.string() }).optional(),
  /** Where this is the copy that an incident keeps, because the source holds the trace no more; `incident` for who may read them. */
  kept: z.object({ at: z.iso.datetime(), cut: z.boolean(), incident: z.int().nullable() }).optional(),
  /** Absent for readers without `logs:read`. */
  logs: z.object({
    count: z.int(), more: z.boolean(),
    /** Lines per span id. */
    bySpan: z.record(z.string(), z.int()),
    /** ERROR and worse, in time order, for their place under the span. */
    errors: z.array(traceLogLine),
  }).optional(),
})
export type TraceAnswer = z.infer<typeof traceAnswer>
export type TraceRow = z.infer<typeof traceRow>
export type TraceLogLine = z.infer<typeof traceLogLine>

export const traceLogsAnswer = z.object({ lines: z.array(traceLogLine), more: z.boolean() })

const attribute = z.object({ key: z.string(), value: z.string() })

/** Everything one span's sender said, in groups that a reader looks for. */
export const spanAnswer = z.object({
  key: z.string(), spanId: z.string(), parentId: z.string().optional(), name: z.string(), kind: z.enum(spanKinds),
  service: z.string(), startedAt: z.string(), duration: micros,
  status: z.enum(['unset', 'ok', 'error']), statusMessage: z.string().optional(), traceState: z.string().optional(),
  scope: z.string().optional(),
  groups: z.array(z.object({ group: z.enum(['error', 'http', 'consumer', 'database', 'messaging', 'rpc', 'network', 'code', 'attributes', 'resource']), attributes: z.array(attribute) })),
  events: z.array(z.object({ offset: z.number(), name: z.string(), attributes: z.array(attribute) })),
  links: z.array(z.object({ traceId: z.string(), spanId: z.string(), attributes: z.array(attribute) })),
  /** Over the 24 hours before the trace; absent below 20 calls. */
  usual: z.object({ p50: micros, p95: micros, calls: z.int() }).optional(),
  /** Among all calls of its operation; of few calls nothing but their number, and nothing while the source is away. */
  among: z.object({
    window: answeredWindow, population, calls: z.int(),
    spread: z.object({
      /** Share of the calls that were surely faster, and surely slower. */
      slowerThan: share, fasterThan: share, p50: micros, p95: micros, p99: micros,
      classes: z.array(z.object({ from: micros, to: micros, requests: z.number() })).max(40),
    }).optional(),
  }).optional(),
  logs: z.array(traceLogLine).optional(),
})
export type SpanAnswer = z.infer<typeof spanAnswer>

/** What the spans of a fold say alike, and what not. */
export const repeatAnswer = z.object({
  /** Of the first of them. */
  key: z.string(),
  members: z.int(),
  /** So many were read, evenly from the first to the last. */
  read: z.int(),
  same: z.array(attribute),
  /** Alike too, and said by their sender of itself. */
  resource: z.array(attribute),
  differs: z.array(z.object({
    key: z.string(), distinct: z.int(),
    /** Spans that do not say it. */
    absent: z.int(),
    /** Commonest first. */
    top: z.array(z.object({ value: z.string(), spans: z.int() })),
    range: z.object({ from: z.number(), to: z.number() }).optional(),
  })),
  /** Keys left out. */
  more: z.int(),
})
export type RepeatAnswer = z.infer<typeof repeatAnswer>
