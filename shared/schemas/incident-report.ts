import { z } from 'zod'
import { incidentParams } from './incident'
import { paragraph } from './incident-commands'

/** What somebody heard of: which partner, when, which response. Internal. */
export const reportProblem = z.strictObject({ text: paragraph(2_000).min(1) })
export const reportParams = z.object({ id: z.string().min(1).max(60) })
/** `incident`: the one that it belongs to. */
export const answerReport = z.strictObject({ text: paragraph(2_000), incident: incidentParams.shape.id.nullable() })
  .refine(({ text, incident }) => text !== '' || incident !== null, { path: ['text'], params: { code: 'error.issue.required' } })
export type AnswerReport = z.infer<typeof answerReport>

export const report = z.object({
  id: z.string(),
  text: z.string(),
  by: z.string(),
  at: z.iso.datetime(),
  /** Null while it waits. */
  answer: z.object({ text: z.string(), by: z.string(), at: z.iso.datetime(), incident: z.int().nullable() }).nullable(),
}).meta({ id: 'ProblemReport' })
export type Report = z.infer<typeof report>

export const followIncident = z.strictObject({ following: z.boolean() })
/** `mail`: whether anything can arrive by mail. */
export const followedIncident = z.object({ following: z.boolean(), mail: z.boolean() })
