import { unitOfQuery } from '../chart/query-chart'
import type { AlertRuleFields, Comparator, Condition, Target } from '../schemas/alert-rule'
import type { Severity } from './severity'
import { HOUR, MINUTE } from '../units'

/** What a rule measures, as one choice: a figure, the same against usual, or one of the kinds that have only one. */
export const figureChoices = ['p95', 'p50', 'p99', 'rate', 'failed', 'client_errors'] as const
export const usualChoices = ['usual:p95', 'usual:p50', 'usual:p99', 'usual:rate', 'usual:failed'] as const
export const otherChoices = ['burn', 'absence', 'promql'] as const
export type MeasureChoice = (typeof figureChoices)[number] | (typeof usualChoices)[number] | (typeof otherChoices)[number]

/** What stands in the form: text as typed, shares in percent, times in minutes, a subject as `<kind>:<id>` (each: without id). */
export interface RuleForm {
  name: string
  severity: Severity
  about: string
  /** Only of a consumer. */
  service: string
  measure: MeasureChoice
  comparator: Comparator
  limit: string
  window: string
  least: string
  objective: string
  long: string
  query: string
  unit: string
  for: string
  keepFiring: string
  ownerTeam: string
  runbook: string
}

export const emptyRule: RuleForm = {
  name: '', severity: 'warning', about: 'service:', service: '', measure: 'p95', comparator: 'above', limit: '', window: '1', least: '20', objective: '99.9', long: '1',
  query: '', unit: '', for: '2', keepFiring: '0', ownerTeam: '', runbook: '',
}

const unitNames = { seconds: 's', bytes: 'B', ratio: '', number: '' } as const

/** A new rule about what a query answers; its limit is still to be said. */
export function ruleOfQuery(query: string): RuleForm {
  return { ...emptyRule, measure: 'promql', query, unit: unitNames[unitOfQuery(query)] }
}

export function toRuleForm({ name, severity, condition, target, ownerTeam, runbook, ...rest }: AlertRuleFields): RuleForm {
  const times = { for: String(rest.for / MINUTE), keepFiring: String(rest.keepFiring / MINUTE) }
  return { ...emptyRule, name, severity, ownerTeam, runbook, ...times, ...aboutOf(target), ...conditionOf(condition) }
}

function aboutOf(target: Target): Pick<RuleForm, 'about' | 'service'> {
  switch (target.kind) {
    case 'service': return { about: `service:${target.service ?? ''}`, service: '' }
    case 'endpoint': return { about: `endpoint:${target.endpoint ?? ''}`, service: '' }
    case 'consumer': return { about: `consumer:${target.consumer ?? ''}`, service: target.service ?? '' }
    case 'series': return { about: 'service:', service: '' }
  }
}

function conditionOf(condition: Condition): Partial<RuleForm> {
  switch (condition.kind) {
    case 'threshold': return { measure: condition.measure, comparator: condition.comparator, limit: String(condition.limit), ...windowOf(condition) }
    case 'ratio': return { measure: condition.measure, comparator: condition.comparator, limit: percent(condition.limit), ...windowOf(condition) }
    case 'anomaly': return { measure: `usual:${condition.measure}`, comparator: condition.comparator, limit: String(condition.limit), ...windowOf(condition) }
    case 'burn': return { measure: 'burn', limit: String(condition.rate), objective: percent(condition.objective), long: String(condition.long / HOUR), window: String(condition.short / MINUTE), least: String(condition.least) }
    case 'absence': return { measure: 'absence', window: String(condition.window / MINUTE) }
    case 'promql': return { measure: 'promql', comparator: condition.comparator, limit: String(condition.limit), query: condition.query, unit: condition.unit }
  }
}

const windowOf = ({ window, least }: { window: number, least: number }) => ({ window: String(window / MINUTE), least: String(least) })

/** To be checked by the schema: what is no number stays what it is, and is refused there. */
export function fromRuleForm(form: RuleForm, paused: boolean): Record<keyof AlertRuleFields, unknown> {
  return {
    name: form.name, severity: form.severity, condition: readCondition(form), target: readTarget(form), for: number(form.for, MINUTE), keepFiring: number(form.keepFiring, MINUTE),
    ownerTeam: form.ownerTeam, runbook: form.runbook, paused,
  }
}

function readCondition(form: RuleForm): unknown {
  const { comparator } = form
  const window = { window: number(form.window, MINUTE), least: number(form.least) }
  const [first, of] = form.measure.split(':')
  if (of) return { kind: 'anomaly', measure: of, comparator, limit: number(form.limit), ...window }
  switch (first) {
    case 'failed':
    case 'client_errors': return { kind: 'ratio', measure: first, comparator, limit: number(form.limit, 0.01), ...window }
    case 'burn': return { kind: 'burn', objective: number(form.objective, 0.01), rate: number(form.limit), long: number(form.long, HOUR), short: window.window, least: window.least }
    case 'absence': return { kind: 'absence', window: window.window }
    case 'promql': return { kind: 'promql', query: form.query, comparator, limit: number(form.limit), unit: form.unit }
    default: return { kind: 'threshold', measure: first, comparator, limit: number(form.limit), ...window }
  }
}

function readTarget({ measure, about, service }: RuleForm): unknown {
  if (measure === 'promql') return { kind: 'series' }
  const kind = about.slice(0, about.indexOf(':'))
  const id = about.slice(kind.length + 1) || null
  return { kind, [kind]: id, ...(kind === 'consumer' && { service: service || null }) }
}

/** Where in the form a problem of the fields belongs. */
export function fieldOfProblem(path: string): keyof RuleForm {
  const last = path.split('.').at(-1)!
  if (path.startsWith('target')) return 'about'
  return ({ rate: 'limit', short: 'window', condition: 'limit' } as Record<string, keyof RuleForm>)[last] ?? last as keyof RuleForm
}

function percent(share: number): string {
  return String(Number((share * 100).toPrecision(10)))
}

function number(text: string, unit = 1): number | string | undefined {
  const trimmed = String(text).trim().replace(/\s|,(?=\d{3}\b)/g, '')
  if (!trimmed) return undefined
  const value = Number(trimmed)
  return Number.isNaN(value) ? trimmed : Number((value * unit).toPrecision(12))
}
