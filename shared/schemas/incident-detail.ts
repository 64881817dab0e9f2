import { z } from 'zod'
import { severities } from '../alerting/severity'
import { fullIncident } from './full-incident'
import { incidentStatuses, person } from './incident'
import { plainIncident } from './plain-incident'

const severity = z.enum(severities)
const at = z.iso.datetime()

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
  /** Whether the reader wants to hear of it. */
  following: z.boolean(),
  plain: plainIncident,
  /** Only for readers of traces. */
  full: fullIncident.optional(),
  at,
}).meta({ id: 'Incident' })
export type Incident = z.infer<typeof incident>

/** Of a kept trace, when its source has dropped it: the skeleton's bytes in base 64, and the spans that were kept in full. */
export const frozenTrace = z.object({ traceId: z.string(), keptAt: at, skeleton: z.string(), spans: z.array(z.record(z.string(), z.unknown())) })
export const frozenLogs = z.object({
  keptAt: at.nullable(),
  lines: z.array(z.object({ at, level: z.string(), service: z.string(), body: z.string(), traceId: z.string().optional(), spanId: z.string().optional() })),
})
export type FrozenLogs = z.infer<typeof frozenLogs>
