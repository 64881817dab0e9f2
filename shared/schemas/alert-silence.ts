import { z } from 'zod'
import { isZone } from '../text/time-zone'
import { DAY } from '../units'
import { consumerId } from './consumer'
import { serviceName } from './endpoint'

const line = (longest: number) => z.string().trim().max(longest).regex(/^[^\p{Cc}]*$/u)
const paragraph = (longest: number) => z.string().trim().max(longest).regex(/^(?:[^\p{Cc}]|[\n\r\t])*$/u)
const moment = z.iso.datetime({ offset: true })

export const silenceKinds = ['silence', 'maintenance'] as const

/** All that are named must fit an alert; null fits all. */
export const silenceMatch = z.strictObject({
  /** Id of a rule of one's own, the name of a built-in one, or `alertmanager` for all that come from there. */
  rule: z.string().regex(/^[\w-]{1,60}$/).nullable(),
  service: serviceName.nullable(),
  endpoint: z.uuid().nullable(),
  consumer: consumerId.nullable(),
})
export type SilenceMatch = z.infer<typeof silenceMatch>

/** Longest silence: who wants more wants another rule. */
const longest = 92 * DAY

export const createSilence = z.strictObject({
  kind: z.enum(silenceKinds),
  match: silenceMatch.refine(match => Object.values(match).some(value => value !== null), { params: { code: 'alerting.form.problem.match' } }),
  /** Now, where none is given. */
  from: moment.optional(),
  to: moment,
  /** A maintenance window that comes back every week at the same time of its zone, until somebody ends it. */
  weekly: z.boolean().default(false),
  zone: line(60).refine(isZone, { params: { code: 'alerting.form.problem.zone' } }),
  reason: paragraph(500).min(1),
})
  .refine(({ from, to }) => from === undefined || Date.parse(from) < Date.parse(to), { path: ['to'], params: { code: 'alerting.form.problem.to' } })
  .refine(({ from, to }) => from === undefined || Date.parse(to) - Date.parse(from) <= longest, { path: ['to'], params: { code: 'alerting.form.problem.long' } })
  .refine(({ kind, weekly }) => kind === 'maintenance' || !weekly, { path: ['weekly'], params: { code: 'alerting.form.problem.weekly' } })
  .refine(({ from, to, weekly }) => !weekly || from === undefined || Date.parse(to) - Date.parse(from) < 7 * DAY, { path: ['to'], params: { code: 'alerting.form.problem.week' } })
export type CreateSilence = z.infer<typeof createSilence>

export const silenceParams = z.strictObject({ id: z.uuid() })

export const silence = z.object({
  id: z.string(),
  kind: z.enum(silenceKinds),
  match: silenceMatch,
  /** What the match names, for readers: the endpoint's method and template, the rule's name. */
  endpoint: z.object({ id: z.string(), method: z.string(), template: z.string() }).nullable(),
  ruleName: z.string().nullable(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  weekly: z.boolean(),
  zone: z.string(),
  reason: z.string(),
  author: z.string(),
  createdAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  endedBy: z.string().nullable(),
  state: z.enum(['active', 'planned', 'over']),
  /** When it ends that holds now, else when the next one begins. */
  next: z.iso.datetime().nullable(),
  /** Alerts that it keeps still at the moment. */
  holds: z.int(),
}).meta({ id: 'Silence' })
export type Silence = z.infer<typeof silence>
export const silences = z.object({ at: z.iso.datetime(), silences: z.array(silence) })
