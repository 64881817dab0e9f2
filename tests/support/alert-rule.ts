import type { AlertRuleFields, Condition, Target } from '#shared/schemas/alert-rule'
import { MINUTE } from '#shared/units'

type ConditionOf<K extends Condition['kind']> = Extract<Condition, { kind: K }>

export const conditions = {
  p95: (rest: Partial<ConditionOf<'threshold'>> = {}): Condition => ({ kind: 'threshold', measure: 'p95', comparator: 'above', limit: 700, window: MINUTE, least: 5, ...rest }),
  failed: (rest: Partial<ConditionOf<'ratio'>> = {}): Condition => ({ kind: 'ratio', measure: 'failed', comparator: 'above', limit: 0.2, window: MINUTE, least: 5, ...rest }),
  burn: (rest: Partial<ConditionOf<'burn'>> = {}): Condition => ({ kind: 'burn', objective: 0.99, rate: 14.4, long: 60 * MINUTE, short: 5 * MINUTE, least: 5, ...rest }),
  anomaly: (rest: Partial<ConditionOf<'anomaly'>> = {}): Condition => ({ kind: 'anomaly', measure: 'p95', comparator: 'above', limit: 3, window: MINUTE, least: 5, ...rest }),
  absence: (rest: Partial<ConditionOf<'absence'>> = {}): Condition => ({ kind: 'absence', window: 5 * MINUTE, ...rest }),
  promql: (rest: Partial<ConditionOf<'promql'>> = {}): Condition => ({ kind: 'promql', query: 'max(queue_lag_seconds) by (job)', comparator: 'above', limit: 30, unit: 's', ...rest }),
}

export const targets = {
  service: (service: string | null = 'api-gateway'): Target => ({ kind: 'service', service }),
  endpoint: (endpoint: string | null = null): Target => ({ kind: 'endpoint', endpoint }),
  consumer: (consumer: string | null = 'partner-pay', service: string | null = null): Target => ({ kind: 'consumer', consumer, service }),
  series: (): Target => ({ kind: 'series' }),
}

export function ruleFields(rest: Partial<AlertRuleFields> = {}): AlertRuleFields {
  const condition = rest.condition ?? conditions.p95()
  return {
    name: 'payments-slow', condition, target: condition.kind === 'promql' ? targets.series() : targets.service(), for: 0, keepFiring: 0,
    severity: 'warning', ownerTeam: '', runbook: '', paused: false, ...rest,
  }
}
