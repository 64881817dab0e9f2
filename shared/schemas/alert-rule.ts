import { z } from 'zod'
import { severities } from '../alerting/severity'
import { alertStates } from '../alerting/state'
import { isPlainLink } from '../plain-link'
import { HOUR, MINUTE, DAY } from '../units'
import { change } from './change'
import { consumerId } from './consumer'
import { serviceName } from './endpoint'
import { sentence } from './sentence'
import { answeredWindow, population, sourceWarning } from './time-range'

const line = (longest: number) => z.string().trim().max(longest).regex(/^[^\p{Cc}]*$/u)
const at = z.iso.datetime()

export const latencyMeasures = ['p50', 'p95', 'p99'] as const
export const thresholdMeasures = [...latencyMeasures, 'rate'] as const
export const ratioMeasures = ['failed', 'client_errors'] as const
export const anomalyMeasures = [...thresholdMeasures, 'failed'] as const
export const comparators = ['above', 'below'] as const
export type Comparator = (typeof comparators)[number]
export const conditionKinds = ['threshold', 'ratio', 'burn', 'anomaly', 'absence', 'promql'] as const

const comparator = z.enum(comparators)
/** ms; whole minutes, because that is how often a figure of a day can be had. */
const window = (longest: number) => z.int().min(MINUTE).max(longest).multipleOf(MINUTE)
/** With fewer requests than this in its window a subject is not judged. */
const least = z.int().min(1).max(1_000_000)

export const condition = z.discriminatedUnion('kind', [
  /** `limit` in ms, of a rate in requests a second. */
  z.strictObject({ kind: z.literal('threshold'), measure: z.enum(thresholdMeasures), comparator, limit: z.number().gt(0).max(1e9), window: window(HOUR), least }),
  z.strictObject({ kind: z.literal('ratio'), measure: z.enum(ratioMeasures), comparator, limit: z.number().gt(0).max(1), window: window(HOUR), least }),
  /** The error budget is spent `rate` times as fast as the objective allows, in a long window and in a short one. */
  z.strictObject({ kind: z.literal('burn'), objective: z.number().min(0.5).lt(1), rate: z.number().min(1).max(1_000), long: window(3 * DAY), short: window(6 * HOUR), least }),
  /** `limit`: so many times what is usual; below it, so small a part of it. */
  z.strictObject({ kind: z.literal('anomaly'), measure: z.enum(anomalyMeasures), comparator, limit: z.number().gt(0).max(1_000), window: window(HOUR), least }),
  z.strictObject({ kind: z.literal('absence'), window: window(DAY) }),
  z.strictObject({ kind: z.literal('promql'), query: z.string().trim().min(1).max(4_000), comparator, limit: z.number().min(-1e15).max(1e15), unit: line(12) }),
])
export type Condition = z.infer<typeof condition>

/** Null: each of them, judged one by one. */
export const target = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('service'), service: serviceName.nullable() }),
  z.strictObject({ kind: z.literal('endpoint'), endpoint: z.uuid().nullable() }),
  z.strictObject({ kind: z.literal('consumer'), consumer: consumerId.nullable(), service: serviceName.nullable() }),
  /** The series that a query answers. */
  z.strictObject({ kind: z.literal('series') }),
])
export type Target = z.infer<typeof target>

/** Shown as a link to people who are in a hurry: nothing but a plain web page. */
const runbook = z.string().trim().max(500).refine(text => text === '' || isPlainLink(text), { params: { code: 'alerting.form.problem.runbook' } })

const fields = {
  name: line(80).min(1),
  condition, target,
  /** ms. */
  for: z.int().min(0).max(DAY),
  keepFiring: z.int().min(0).max(DAY),
  severity: z.enum(severities),
  ownerTeam: line(80),
  /** `https:` only; empty where there is none. */
  runbook,
  paused: z.boolean(),
}

const matching = ({ condition, target }: { condition: Condition, target: Target }) => (condition.kind === 'promql') === (target.kind === 'series')
const mismatch = { path: ['target'], params: { code: 'alerting.form.problem.target' } }
const ordered = ({ condition }: { condition: Condition }) => condition.kind !== 'burn' || condition.short < condition.long
const disordered = { path: ['condition', 'short'], params: { code: 'alerting.form.problem.short' } }

/** What a rule says; the form is judged by it as the API is. */
export const alertRuleFields = z.strictObject(fields).refine(matching, mismatch).refine(ordered, disordered)
export type AlertRuleFields = z.infer<typeof alertRuleFields>
export const alertRuleFieldNames = Object.keys(fields) as (keyof AlertRuleFields)[]

/** `revision` is the one that was open while editing: whoever saved since is not run over (409 `alert_rule.stale`). */
export const updateAlertRule = z.strictObject({ revision: z.int().min(1), fields: alertRuleFields })
export type UpdateAlertRule = z.infer<typeof updateAlertRule>
export const alertRuleParams = z.strictObject({ id: z.uuid() })
/** A rule of one's own by its id, a built-in one by its name. */
export const anyRuleParams = z.strictObject({ id: z.string().regex(/^[\w-]{1,60}$/) })

export const alertRule = z.object({
  id: z.string(),
  ...fields,
  revision: z.int(),
  updatedAt: at,
  updatedBy: z.string(),
}).meta({ id: 'AlertRule' })
export type AlertRule = z.infer<typeof alertRule>

export const subjectView = z.object({
  service: z.string(), operation: z.string().optional(), remote: z.string().optional(), method: z.string().optional(), routeKey: z.string().optional(), consumer: z.string().optional(),
  /** What else sets it apart. */
  labels: z.record(z.string(), z.string()).optional(),
})
export type SubjectView = z.infer<typeof subjectView>

/** What a rule is doing now, over all its subjects. */
export const ruleNow = z.object({
  /** Null: not judged yet. */
  state: z.enum(alertStates).nullable(),
  since: at.nullable(),
  /** Why, of what cannot be judged. */
  reason: sentence.nullable(),
  firing: z.int(), pending: z.int(), noData: z.int(),
})
export type RuleNow = z.infer<typeof ruleNow>

export const listedRule = z.object({
  id: z.string(),
  /** Of a built-in one its texts are `alerts.builtIn.<id>`. */
  rule: alertRule.nullable(),
  /** The one it names, where it names one that is registered. */
  endpoint: z.object({ method: z.string(), template: z.string() }).nullable(),
  now: ruleNow,
  pausedBy: z.string().nullable(),
}).meta({ id: 'ListedRule' })
export type ListedRule = z.infer<typeof listedRule>

// ── Preview ─────────────────────────────────────────────────────────────────────────────────────────────────────

export const figureUnits = ['duration', 'rate', 'ratio', 'times', 'number'] as const
export type FigureUnit = (typeof figureUnits)[number]

export const rulePreview = z.object({
  window: answeredWindow,
  /** ms between two judgements; coarser than in earnest. */
  step: z.number(),
  unit: z.enum(figureUnits),
  comparator,
  limit: z.number(),
  /** Subjects that there were, and those of them that could be judged. */
  subjects: z.int(),
  /** How often it would have fired, and the newest of these times, oldest first. */
  count: z.int(),
  firings: z.array(z.object({
    subject: subjectView,
    at, /** Null: it would still fire. */ over: at.nullable(),
    peak: z.number(),
    change: change.nullable(),
    /** Alerts that there were of the same service meanwhile, and the incident they belong to. */
    alerts: z.int(),
    incident: z.object({ id: z.string(), number: z.int() }).nullable(),
  })),
  /** The nearest limit with which it would not have fired; null where it did not fire, or none would do. */
  quiet: z.number().nullable(),
  /** Of the subject that is drawn. */
  usual: z.number().nullable(),
  drawn: z.object({ subject: subjectView, start: at, step: z.number(), values: z.array(z.number().nullable()) }).nullable(),
  /** Why nothing can be said. */
  error: sentence.nullable(),
  population,
  warnings: z.array(sourceWarning),
}).meta({ id: 'RulePreview' })
export type RulePreview = z.infer<typeof rulePreview>
