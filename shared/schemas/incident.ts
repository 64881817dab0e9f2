import { z } from 'zod'
import { severities } from '../alerting/severity'
import { repeatAnswers } from './endpoint'
import { sentence } from './sentence'

export const incidentStatuses = ['open', 'acknowledged', 'resolved', 'merged'] as const
export type IncidentStatus = (typeof incidentStatuses)[number]

/** `INC-128`, its number alone, or the id. */
export const incidentParams = z.strictObject({ id: z.string().regex(/^(?:(?:INC-)?\d{1,9}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i) })
export const incidentTraceParams = incidentParams.extend({ traceId: z.string().toLowerCase().regex(/^[0-9a-f]{16}(?:[0-9a-f]{16})?$/) })

/** Whoever is assigned. */
export const person = z.object({ id: z.string(), name: z.string() })

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
export const squares = z.object({
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
  at: z.iso.datetime().nullable(),
  note: z.string(),
})

/** May a request be sent once more, as the support staff should answer: `needless` where requests are only slow. */
export const repeat = z.object({ answer: z.enum([...repeatAnswers, 'needless']), text: sentence })

/** A text in both languages, as it can be copied. */
export const bothLanguages = z.object({ ko: z.string(), en: z.string() })

/** What other pages say of an incident: the strip of the board, the passport, a trace. */
export const incidentMark = z.object({
  id: z.string(),
  number: z.int(),
  status: z.enum(incidentStatuses),
  severity: z.enum(severities),
  /** The diagnosis' title for readers of traces, the plain headline for all others. */
  title: sentence,
  onset: z.iso.datetime(),
  assignee: z.string().nullable(),
  failed: z.number(),
  consumers: z.int(),
}).meta({ id: 'IncidentMark' })
export type IncidentMark = z.infer<typeof incidentMark>
