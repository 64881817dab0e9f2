import { z } from 'zod'
import { alertOrigins, severities } from '../alerting/severity'
import { change } from './change'
import { culprit, diagnosis, qualifier } from './diagnosis'
import { affectedEndpoint, bothLanguages } from './incident'
import { sentence } from './sentence'
import { answeredWindow, population, sourceWarning } from './time-range'

const severity = z.enum(severities)
const at = z.iso.datetime()
const micros = z.number()

export const linkPages = ['traces', 'trace', 'logs', 'metrics', 'service', 'endpoint', 'map'] as const
/** Where a figure can be looked at; `id` is the trace, the service's name or the endpoint. */
export const evidenceLink = z.object({ page: z.enum(linkPages), id: z.string().optional(), query: z.record(z.string(), z.string()) })
export type EvidenceLink = z.infer<typeof evidenceLink>

const durationClass = z.object({ from: micros, to: micros, requests: z.number() })

/** The picture of the kind of fault. */
export const picture = z.discriminatedUnion('kind', [
  /** How long the guilty calls take, usually and now; `limit` is where they are cut. */
  z.object({ kind: z.literal('durations'), subject: z.string(), usual: z.array(durationClass), now: z.array(durationClass), limit: micros.nullable() }),
  /** Parents and the calls they make, per second. */
  z.object({
    kind: z.literal('calls'), parent: z.string(), call: z.string(), from: at, step: z.int(),
    parents: z.array(z.number().nullable()), calls: z.array(z.number().nullable()),
  }),
  /** Where failures begin. */
  z.object({ kind: z.literal('origins'), rows: z.array(z.object({ service: z.string(), operation: z.string(), error: z.string(), count: z.number(), guilty: z.boolean() })) }),
])
export type IncidentPicture = z.infer<typeof picture>

export const incidentExemplar = z.object({
  traceId: z.string(),
  kind: z.enum(['slow', 'failed', 'normal']),
  startedAt: at,
  duration: micros,
  status: z.int().nullable(),
  failed: z.boolean(),
  consumer: z.string().nullable(),
  /** Critical path by service; sums to the duration. */
  path: z.array(z.object({ service: z.string(), micros })),
  /** Start of the guilty span, microseconds since the epoch. */
  spanAt: micros,
  /** Kept with the incident, whatever becomes of the source. */
  frozen: z.boolean(),
})
export type IncidentExemplar = z.infer<typeof incidentExemplar>

const hits = {
  failed: z.number(),
  /** Not failed, and longer than the objective; null where the source cannot tell. */
  slow: z.number().nullable(),
  total: z.number(),
}

export const impact = z.object({
  ...hits,
  /** Of the requests of the affected endpoints, and of all registered endpoints, 0 to 1. */
  share: z.number(),
  shareOfAll: z.number().nullable(),
  consumers: z.array(z.object({
    id: z.string(), name: z.string(), contact: z.string(), ...hits,
    /** Of all that this consumer sent to registered endpoints. */
    share: z.number(),
    firstAt: at.nullable(), lastAt: at.nullable(),
  })),
  endpoints: z.array(affectedEndpoint.extend({ service: z.string(), ...hits, limit: micros })),
  /** Consumer × endpoint × time: `bad` and `total` have one value a step, from `from` on. */
  matrix: z.object({
    from: at, step: z.int(), steps: z.int(),
    cells: z.array(z.object({ consumer: z.string(), endpoint: z.int(), ...hits, bad: z.array(z.number()), totals: z.array(z.number()) })),
  }),
  window: answeredWindow,
  population,
  warnings: z.array(sourceWarning),
}).meta({ id: 'Impact' })
export type SentImpact = z.infer<typeof impact>

export const timelineKinds = [
  'change', 'onset', 'opened', 'alert', 'alert_worse', 'alert_over', 'severity', 'diagnosed', 'diagnosis_changed', 'diagnosis_failed',
  'taken', 'acknowledged', 'assigned', 'note', 'report', 'update', 'told', 'promise', 'resolved', 'reopened', 'merged', 'merged_from', 'split', 'split_from',
] as const
export const timelineEntry = z.object({
  id: z.string(),
  kind: z.enum(timelineKinds),
  at,
  /** First line and second. */
  title: sentence,
  detail: sentence.nullable(),
  /** What a person typed; of a public update in both languages. */
  text: z.string().nullable(),
  update: bothLanguages.nullable(),
  by: z.string().nullable(),
  /** Of a change seen. */
  change: change.nullable(),
})
export type TimelineEntry = z.infer<typeof timelineEntry>

export const incidentAlert = z.object({
  id: z.string(),
  /** The name of a rule of one's own, the id of a built-in one. */
  rule: z.string(),
  origin: z.enum(alertOrigins),
  subject: z.object({
    service: z.string(), operation: z.string().optional(), remote: z.string().optional(), method: z.string().optional(), routeKey: z.string().optional(), consumer: z.string().optional(),
  }),
  severity,
  onset: at,
  startedAt: at,
  lastFiredAt: at,
  endedAt: at.nullable(),
  reason: sentence,
  /** Web page that says what to do; empty where nobody wrote one. */
  runbook: z.string(),
})

export const relatedIncident = z.object({
  id: z.string(), number: z.int(), title: sentence, onset: at, resolvedAt: at.nullable(), severity,
  /** The same place, or the same kind of fault on the same endpoints. */
  because: z.enum(['culprit', 'shape', 'merged', 'split']),
  cause: z.string().nullable(),
})

/** What an incident is to those who may read traces. */
export const fullIncident = z.object({
  title: sentence,
  culprit: culprit.nullable(),
  qualifier: qualifier.nullable(),
  /** Null until the first answer; `pending` while another one is due. */
  diagnosis: diagnosis.nullable(),
  pending: z.object({ at }).nullable(),
  /** The lines of the diagnosis, each with where it can be looked at. */
  evidence: z.array(z.object({ sentence, link: evidenceLink.nullable() })),
  picture: picture.nullable(),
  exemplars: z.array(incidentExemplar),
  impact: impact.nullable(),
  timeline: z.array(timelineEntry),
  alerts: z.array(incidentAlert),
  /** Alerts that hold it open, or that go on although a person closed it; then when it opens again by itself unless they end. */
  firing: z.int(),
  reopensAt: at.nullable(),
  related: z.array(relatedIncident),
  /** First thing to try, from the changes: a proposal, never carried out. */
  proposal: sentence.nullable(),
  /** Of a resolved one. */
  endedBy: sentence.nullable(),
  cause: z.object({ text: z.string(), by: z.string(), diagnosisRight: z.boolean().nullable() }).nullable(),
  frozen: z.object({ bytes: z.int(), traces: z.int(), lines: z.int(), charts: z.int() }),
  /** Palette numbers of the services named. */
  colours: z.record(z.string(), z.int()),
}).meta({ id: 'FullIncident' })
export type FullIncident = z.infer<typeof fullIncident>
