import { z } from 'zod'
import { alertOrigins, severities } from '../alerting/severity'
import { listedRule, subjectView } from './alert-rule'
import { sentence } from './sentence'

const at = z.iso.datetime()

/** One alert, firing or over. */
export const sentAlert = z.object({
  id: z.string(),
  rule: z.string(),
  /** Of a rule of one's own, as it is called now; null of others. */
  ruleName: z.string().nullable(),
  origin: z.enum(alertOrigins),
  subject: subjectView,
  /** Template of the registered endpoint, where it is about one. */
  endpoint: z.object({ id: z.string(), template: z.string() }).nullable(),
  severity: z.enum(severities),
  onset: at,
  startedAt: at,
  endedAt: at.nullable(),
  reason: sentence,
  runbook: z.string(),
  /** The silence that holds now. */
  silence: z.object({ id: z.string(), reason: z.string(), until: at.nullable() }).nullable(),
  /** Its source is silent or away: what it says is the last that was known. */
  stale: z.enum(['no_data', 'error']).nullable(),
  incident: z.object({ id: z.string(), number: z.int() }).nullable(),
}).meta({ id: 'Alert' })
export type SentAlert = z.infer<typeof sentAlert>

/** A subject of which nothing can be said, though nothing fires. */
export const quietSubject = z.object({
  rule: z.string(),
  ruleName: z.string().nullable(),
  subject: subjectView,
  endpoint: sentAlert.shape.endpoint,
  state: z.enum(['no_data', 'error']),
  since: at,
  reason: sentence.nullable(),
})

export const alertsOverview = z.object({
  at,
  /** Oldest first. */
  firing: z.array(sentAlert),
  noData: z.array(quietSubject),
  rules: z.array(listedRule),
  /** Palette numbers of services by name; only of those that are known. */
  colours: z.record(z.string(), z.int()),
  silences: z.int(),
  /** ms between two judgements of rules of one's own; `late`: since when nothing was judged, where that is too long. */
  evaluation: z.object({ every: z.number(), late: at.nullable(), jumps: z.array(z.object({ at, by: z.number() })) }),
}).meta({ id: 'AlertsOverview' })
export type AlertsOverview = z.infer<typeof alertsOverview>

export const historyQuery = z.strictObject({
  /** Of the page before: the last one's id. Many end at the same moment, so that their end tells none from another. */
  before: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export const alertHistory = z.object({
  at,
  alerts: z.array(sentAlert),
  colours: z.record(z.string(), z.int()),
  next: z.string().nullable(),
})
export type AlertHistory = z.infer<typeof alertHistory>

/** What a rule may be about, and what its source can do. */
export const ruleChoices = z.object({
  services: z.array(z.string()),
  endpoints: z.array(z.object({ id: z.string(), service: z.string(), method: z.string(), template: z.string() })),
  consumers: z.array(z.object({ id: z.string(), name: z.string() })),
  teams: z.array(z.string()),
  source: z.string(),
  promql: z.boolean(),
  byConsumer: z.boolean(),
})
export type RuleChoices = z.infer<typeof ruleChoices>
