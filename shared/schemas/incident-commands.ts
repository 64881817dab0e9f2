import { z } from 'zod'
import { consumerId } from './consumer'
import { incidentParams, incidentStatuses, person, toldState } from './incident'

export const paragraph = (longest: number) => z.string().trim().max(longest).regex(/^(?:[^\p{Cc}]|[\n\r\t])*$/u)
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
