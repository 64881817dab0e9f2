import type { Micros, Millis } from '#shared/units'
import type { Sentence } from '#shared/text/text'
import type { AlertRuleFields, Comparator, Condition, FigureUnit } from '#shared/schemas/alert-rule'
import type { AlertSubject } from '../alert'

/** A rule of one's own, as it is judged. */
export interface OwnRule extends Pick<AlertRuleFields, 'name' | 'condition' | 'target' | 'for' | 'keepFiring' | 'severity'> {
  id: string
  /** Who wrote it last, or let it run again. */
  updatedById: string | null
  updatedBy: string
}

/** What was counted of one subject in one window. */
export interface Figures {
  spans: number
  requests: number
  failed: number
  clientErrors: number
  p50?: Micros
  p95?: Micros
  p99?: Micros
}

export type AnomalyMeasure = Extract<Condition, { kind: 'anomaly' }>['measure']
/** By measure, what is usual for one subject. */
export type UsualFigures = Partial<Record<AnomalyMeasure, number>>

/**
 * Every kind of rule comes down to one figure against one limit: µs, requests a second, a share, times as much, or what
 * a query answers.
 */
export interface Test {
  unit: FigureUnit
  comparator: Comparator
  limit: number
}

export function testOf(condition: Condition): Test {
  switch (condition.kind) {
    case 'threshold': return condition.measure === 'rate' ? { unit: 'rate', ...sides(condition) } : { unit: 'duration', comparator: condition.comparator, limit: condition.limit * 1_000 }
    case 'ratio': return { unit: 'ratio', ...sides(condition) }
    case 'anomaly': return { unit: 'times', ...sides(condition) }
    case 'burn': return { unit: 'times', comparator: 'above', limit: condition.rate }
    case 'absence': return { unit: 'duration', comparator: 'above', limit: condition.window * 1_000 }
    case 'promql': return { unit: 'number', ...sides(condition) }
  }
}

const sides = ({ comparator, limit }: { comparator: Comparator, limit: number }) => ({ comparator, limit })

/** A figure at its limit is within it; a budget and a silence are over when theirs is reached. */
export function holds({ comparator, limit }: Pick<Test, 'comparator' | 'limit'>, value: number, { reached = false } = {}): boolean {
  if (reached) return value >= limit
  return comparator === 'above' ? value > limit : value < limit
}

export const isReached = ({ kind }: Condition) => kind === 'burn' || kind === 'absence'

/** The figure of a window, or undefined where there is too little to say it. */
export function measure(condition: Extract<Condition, { kind: 'threshold' | 'ratio' | 'anomaly' }>, figures: Figures | undefined, usual?: UsualFigures): number | undefined {
  // A rate may well be low; that it is cannot be told from requests that there are not.
  if (condition.measure === 'rate') return condition.kind === 'anomaly' ? against(usual?.rate, rateOf(figures, condition.window)) : rateOf(figures, condition.window)
  if (!figures || figures.spans < condition.least) return undefined
  if (condition.kind === 'anomaly') return against(usual?.[condition.measure], figureOf(condition.measure, figures))
  return figureOf(condition.measure, figures)
}

function figureOf(name: 'failed' | 'client_errors' | 'p50' | 'p95' | 'p99', figures: Figures): number | undefined {
  if (name === 'failed') return figures.failed / figures.requests
  if (name === 'client_errors') return figures.clientErrors / figures.requests
  return figures[name]
}

function rateOf(figures: Figures | undefined, window: Millis): number | undefined {
  return figures && figures.requests / (window / 1_000)
}

function against(usual: number | undefined, now: number | undefined): number | undefined {
  return usual === undefined || usual <= 0 || now === undefined ? undefined : now / usual
}

/** How many times as fast as allowed the budget goes; of two windows the slower one counts, so that both must agree. */
export function burnOf({ objective, least }: Extract<Condition, { kind: 'burn' }>, long: Figures | undefined, short: Figures | undefined): number | undefined {
  if (!long || long.spans < least) return undefined
  const rate = ({ failed, requests }: Figures) => failed / requests / (1 - objective)
  return Math.min(rate(long), short && short.requests > 0 ? rate(short) : 0)
}

/** Why it fires, with the figure as it is now. */
export function reasonOf({ name, condition }: Pick<OwnRule, 'name' | 'condition'>, value: number, count = 0): Sentence {
  const { comparator, limit } = testOf(condition)
  const params = { rule: name, count: Math.round(count) }
  switch (condition.kind) {
    case 'threshold':
      return condition.measure === 'rate'
        ? { code: `alerting.own.rate.${comparator}`, params: { ...params, value: rounded(value), limit: rounded(limit) } }
        : { code: `alerting.own.latency.${comparator}`, params: { ...params, measure: condition.measure, value: { micros: Math.round(value) }, limit: { micros: limit } } }
    case 'ratio':
      return { code: `alerting.own.${condition.measure}.${comparator}`, params: { ...params, value: { ratio: value }, limit: { ratio: limit } } }
    case 'anomaly':
      return { code: `alerting.own.anomaly.${comparator}`, params: { ...params, measure: { text: `alerting.measure.${condition.measure}` }, value: { times: value }, limit: { times: limit } } }
    case 'burn':
      return { code: 'alerting.own.burn', params: { ...params, value: { times: value }, limit: { times: limit } } }
    case 'absence':
      return { code: 'alerting.own.absence', params: { ...params, value: { micros: Math.round(value) } } }
    case 'promql':
      return { code: `alerting.own.series.${comparator}`, params: { ...params, value: withUnit(value, condition.unit), limit: withUnit(limit, condition.unit) } }
  }
}

const rounded = (value: number) => Number(value.toPrecision(3))
const withUnit = (value: number, unit: string) => `${rounded(value)}${unit && ` ${unit}`}`

/** What a query's series is about: the service its labels name, and all labels. Without one it is about the rule itself. */
export function subjectOfSeries(labels: Readonly<Record<string, string>>, name: string): AlertSubject {
  const { __name__: _, ...rest } = labels
  const service = labels.service_name ?? labels.service ?? labels.job?.split('/').at(-1)
  return { service: service?.toLowerCase() || name, ...(Object.keys(rest).length && { labels: rest }) }
}
