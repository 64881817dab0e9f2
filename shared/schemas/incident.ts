import { z } from 'zod'
import { alertOrigins, severities } from '../alerting/severity'
import { states } from '../status/state'
import { change } from './change'
import { consumerId } from './consumer'
import { confidence, culprit, diagnosis, qualifier } from './diagnosis'
import { repeatAnswers } from './endpoint'
import { sentence } from './sentence'
import { answeredWindow, population, sourceWarning } from './time-range'

export const incidentStatuses = ['open', 'acknowledged', 'resolved', 'merged'] as const
export type IncidentStatus = (typeof incidentStatuses)[number]

const severity = z.enum(severities)
const at = z.iso.datetime()
const micros = z.number()
const person = z.object({ id: z.string(), name: z.string() })

/** `INC-128` or the id. */
export const incidentParams = z.strictObject({ id: z.string().regex(/^(?:INC-\d{1,9}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i) })
export const incidentTraceParams = incidentParams.extend({ traceId: z.string().toLowerCase().regex(/^[0-9a-f]{16}(?:[0-9a-f]{16})?$/) })

// ── What every reader may know ──────────────────────────────────────────────────────────────────────────────────

/** A function of the platform by its plain names; without a registration they are its route, and there is no id. */
export const affectedEndpoint = z.object({
  id: z.string().nullable(),
  method: z.string(),
  template: z.string(),
  nameKo: z.string(),
  nameEn: z.string(),
})
export type AffectedEndpoint = z.infer<typeof affectedEndpoint>

/** How many of ten requests are hit, for ten squares; null where nobody can tell. */
const squares = z.object({
  of: z.literal(10),
  hit: z.int().min(0).max(10),
  /** "6 in 10 fail after about 8 seconds". */
  text: sentence,
})

export const toldStates = ['open', 'told', 'not_needed'] as const
export const toldState = z.enum(toldStates)

/** Who has to be told, and whether that was done. */
export const told = z.object({
  state: toldState,
  by: z.string().nullable(),
  at: at.nullable(),
  note: z.string(),
})

/** May a request be sent once more, as the support staff should answer. */
const repeat = z.object({ answer: z.enum(repeatAnswers), text: sentence })

/** One line of the list, in plain words; `operator` is there for readers of traces only. */
export const incidentLine = z.object({
  id: z.string(),
  number: z.int(),
  status: z.enum(incidentStatuses),
  /** Follows the facts while it is open, then the worst it was. */
  severity,
  worst: severity,
  /** "'External processing' is slow or fails". */
  headline: sentence,
  onset: at,
  detectedAt: at,
  resolvedAt: at.nullable(),
  assignee: person.nullable(),
  endpoints: z.array(affectedEndpoint),
  squares: squares.nullable(),
  /** Hurt so far, most first; `name` falls back to the id. */
  consumers: z.array(z.object({ id: z.string(), name: z.string(), told: toldState })),
  repeat,
  nextUpdateAt: at.nullable(),
  operator: z.object({
    title: sentence,
    culprit: culprit.nullable(),
    confidence: confidence.nullable(),
    failed: z.number(),
    slow: z.number().nullable(),
  }).optional(),
}).meta({ id: 'IncidentLine' })
export type IncidentLine = z.infer<typeof incidentLine>

const openOrPast = ['open', 'past', 'all'] as const
export const listIncidents = z.strictObject({
  state: z.enum(openOrPast).default('all'),
  severity: z.enum(['warning', 'critical']).optional(),
  service: z.string().min(1).max(200).toLowerCase().optional(),
  endpoint: z.uuid().optional(),
  consumer: consumerId.optional(),
  culprit: z.string().min(1).max(400).optional(),
  assignee: z.string().min(1).max(60).optional(),
  /** A number, or words of the title, in either language. */
  q: z.string().trim().max(200).optional(),
  /** Days of the reader's zone; both belong to it. */
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(30),
})
export type ListIncidents = z.infer<typeof listIncidents>

export const incidents = z.object({
  at,
  /** All that are open, oldest first, whatever the page of the past ones. */
  open: z.array(incidentLine),
  /** Newest first. */
  past: z.array(incidentLine),
  next: z.string().optional(),
  counts: z.object({ open: z.int(), critical: z.int(), unassigned: z.int(), pastFound: z.int() }),
  /** Consumers still to be told, over all open ones. */
  untold: z.int(),
  /** The last 13 weeks in the reader's zone, days without any left out: how many began, the worst, and minutes under one. */
  days: z.array(z.object({ day: z.iso.date(), incidents: z.int(), worst: severity, minutes: z.int() })),
  /** Means over what the filter keeps; null where there is none. Milliseconds. */
  meanTimeToAcknowledge: z.number().nullable(),
  meanTimeToResolve: z.number().nullable(),
  /** Functions by their plain names, for the landing page of the support staff; those in trouble first. */
  functions: z.array(affectedEndpoint.extend({ state: z.enum(states), since: at.nullable(), incident: z.int().nullable() })),
}).meta({ id: 'Incidents' })
export type Incidents = z.infer<typeof incidents>

/** For the mark in the navigation. */
export const incidentSummary = z.object({ open: z.int(), worst: severity.nullable(), untold: z.int() })

/** A text in both languages, as it can be copied. */
const bothLanguages = z.object({ ko: z.string(), en: z.string() })

/** What somebody said to the outside, or happened that the outside may know. */
export const publicUpdate = z.object({
  id: z.string(),
  at,
  /** Of what happened by itself, and of being told. */
  sentence: sentence.nullable(),
  /** As typed; empty in a language in which nothing was written. */
  text: bothLanguages.nullable(),
  by: z.string().nullable(),
})

export const plainConsumer = z.object({
  id: z.string(),
  name: z.string(),
  contact: z.string(),
  failed: z.number(),
  /** Null where the source cannot tell. */
  slow: z.number().nullable(),
  total: z.number(),
  firstAt: at.nullable(),
  lastAt: at.nullable(),
  told,
})
export type PlainConsumer = z.infer<typeof plainConsumer>

/** The incident in words: no internals, no names of services. */
export const plainIncident = z.object({
  endpoints: z.array(affectedEndpoint),
  headline: sentence,
  /** "since 2:18 pm, for 14 minutes, not solved yet". */
  since: sentence,
  squares: squares.nullable(),
  /** What is behind it, in plain words. */
  cause: sentence,
  confidence: sentence.nullable(),
  /** What is being done. */
  doing: sentence,
  consumers: z.array(plainConsumer),
  /** Requests whose sender nobody knows. */
  unknown: z.object({ failed: z.number(), slow: z.number().nullable(), total: z.number() }),
  /** Other functions and how they are. */
  others: z.array(affectedEndpoint.extend({ state: z.enum(states), since: at.nullable() })),
  /** All requests of the affected functions by step; empty where nothing can be counted any more. */
  requests: z.object({
    from: at,
    /** ms. */
    step: z.int(),
    ok: z.array(z.number().nullable()),
    failed: z.array(z.number().nullable()),
    /** When the picture was kept; null while it is live. */
    keptAt: at.nullable(),
  }),
  repeat,
  /** Questions with their answers, to be read out. */
  answers: z.array(z.object({ question: sentence, answer: sentence })),
  /** What to tell partners, made from the facts of this moment. */
  partnerText: bothLanguages.extend({ at }),
  nextUpdateAt: at.nullable(),
  /** Newest first. */
  updates: z.array(publicUpdate),
}).meta({ id: 'PlainIncident' })
export type PlainIncident = z.infer<typeof plainIncident>

// ── What operators see besides ──────────────────────────────────────────────────────────────────────────────────

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
  'taken', 'acknowledged', 'assigned', 'note', 'update', 'told', 'promise', 'resolved', 'reopened', 'merged', 'merged_from', 'split', 'split_from',
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

export const incident = z.object({
  id: z.string(),
  number: z.int(),
  /** Counts every change; whoever decides sends the one they saw. */
  revision: z.int(),
  status: z.enum(incidentStatuses),
  severity,
  worst: severity,
  onset: at,
  detectedAt: at,
  openedAt: at,
  acknowledgedAt: at.nullable(),
  acknowledgedBy: z.string().nullable(),
  resolvedAt: at.nullable(),
  /** Null: by itself. */
  resolvedBy: z.string().nullable(),
  assignee: person.nullable(),
  /** Where it went. */
  mergedInto: z.int().nullable(),
  /** From detection on, ms. */
  timeToAcknowledge: z.number().nullable(),
  timeToResolve: z.number().nullable(),
  reopened: z.int(),
  plain: plainIncident,
  /** Only for readers of traces. */
  full: fullIncident.optional(),
  at,
}).meta({ id: 'Incident' })
export type Incident = z.infer<typeof incident>

/** What other pages say of an incident: the strip of the board, the passport, a trace. */
export const incidentMark = z.object({
  id: z.string(),
  number: z.int(),
  status: z.enum(incidentStatuses),
  severity,
  /** The diagnosis' title for readers of traces, the plain headline for all others. */
  title: sentence,
  onset: at,
  assignee: z.string().nullable(),
  failed: z.number(),
  consumers: z.int(),
}).meta({ id: 'IncidentMark' })
export type IncidentMark = z.infer<typeof incidentMark>

// ── Commands ────────────────────────────────────────────────────────────────────────────────────────────────────

const paragraph = (longest: number) => z.string().trim().max(longest).regex(/^(?:[^\p{Cc}]|[\n\r\t])*$/u)
/** The revision on the screen: what somebody decided since is not run over (409 `incident.stale`). */
const decided = { revision: z.int().min(1) }

/** Answered by every command. */
export const incidentRevision = z.object({ id: z.string(), number: z.int(), revision: z.int(), status: z.enum(incidentStatuses) })
export type IncidentRevision = z.infer<typeof incidentRevision>

export const takeIncident = z.strictObject(decided)
export const acknowledgeIncident = z.strictObject({ ...decided, note: paragraph(2_000).default('') })
export const assignIncident = z.strictObject({ ...decided, assignee: z.string().min(1).max(60).nullable() })
export const resolveIncident = z.strictObject({
  ...decided,
  cause: paragraph(2_000).min(1),
  /** Whether the diagnosis named it. */
  diagnosisRight: z.boolean().nullable().default(null),
})
export const reopenIncident = z.strictObject({ ...decided, note: paragraph(2_000).default('') })
export const mergeIncident = z.strictObject({ ...decided, into: incidentParams.shape.id })
export const splitIncident = z.strictObject({ ...decided, alerts: z.array(z.string().min(1).max(100)).min(1).max(200) })

/** Internal; for the staff only. */
export const noteIncident = z.strictObject({ text: paragraph(4_000).min(1) })
/** Public; at least one language. `nextUpdateAt` promises the next one. */
export const updateIncident = z.strictObject({
  ko: paragraph(4_000).default(''),
  en: paragraph(4_000).default(''),
  nextUpdateAt: z.iso.datetime({ offset: true }).nullable().optional(),
}).refine(({ ko, en }) => ko !== '' || en !== '', { path: ['ko'], params: { code: 'error.issue.required' } })
export const tellConsumer = z.strictObject({ consumer: consumerId, state: toldState, note: paragraph(500).default('') })
export const promiseUpdate = z.strictObject({ nextUpdateAt: z.iso.datetime({ offset: true }).nullable() })

export type ResolveIncident = z.infer<typeof resolveIncident>
export type SplitIncident = z.infer<typeof splitIncident>
export type UpdateIncident = z.infer<typeof updateIncident>
export type TellConsumer = z.infer<typeof tellConsumer>

/** Whom an incident may be assigned to: those who may manage incidents. */
export const assignees = z.object({ people: z.array(person) })

/** Of a kept trace, when its source has dropped it: the skeleton's bytes in base 64, and the spans that were kept in full. */
export const frozenTrace = z.object({ traceId: z.string(), keptAt: at, skeleton: z.string(), spans: z.array(z.record(z.string(), z.unknown())) })
export const frozenLogs = z.object({
  keptAt: at.nullable(),
  lines: z.array(z.object({ at, level: z.string(), service: z.string(), body: z.string(), traceId: z.string().optional(), spanId: z.string().optional() })),
})
