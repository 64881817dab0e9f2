import { z } from 'zod'
import { severities } from '../alerting/severity'
import { states } from '../status/state'
import { consumerId } from './consumer'
import { confidence, culprit } from './diagnosis'
import { affectedEndpoint, incidentStatuses, person, repeat, squares, toldState } from './incident'
import { report } from './incident-report'
import { sentence } from './sentence'

const severity = z.enum(severities)
const at = z.iso.datetime()

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
  /** What support staff reported that no incident told of, waiting ones first; empty for who only reads. */
  reports: z.array(report),
}).meta({ id: 'Incidents' })
export type Incidents = z.infer<typeof incidents>

/** For the mark in the navigation. */
export const incidentSummary = z.object({ open: z.int(), worst: severity.nullable(), untold: z.int() })
