import type { MetricSource, RequestsRow, SourceWarning } from '#server/telemetry/ports'
import { DAY, MINUTE, type Millis, type TimeWindow } from '#shared/units'
import type { Condition } from '#shared/schemas/alert-rule'
import type { Sentence } from '#shared/text/text'
import type { AlertSubject } from '../alert'
import { keyOf } from '../rule'
import type { Figures, OwnRule, UsualFigures } from './own-rule'
import { dimensions, type Grouping } from './subjects'
import { usualOf } from './usual-figures'

/** What one grouped question answered, by subject. */
export interface Reading {
  groups: ReadonlyMap<string, { subject: AlertSubject, figures: Figures }>
  warnings: readonly SourceWarning[]
}

/** What was usual over the day before. */
export type Usual = ReadonlyMap<string, { subject: AlertSubject, usual: UsualFigures }>

const usualStep: Millis = 5 * MINUTE

export function subjectOfRow({ service = '', method, routeKey, consumer }: RequestsRow): AlertSubject {
  return { service: service.toLowerCase(), ...(method !== undefined && { method }), ...(routeKey !== undefined && { routeKey }), ...(consumer !== undefined && { consumer }) }
}

/** The windows that a condition looks at, and whether it needs to know how long requests took. */
export function windowsOf(condition: Condition): Millis[] {
  if (condition.kind === 'promql') return []
  return condition.kind === 'burn' ? [condition.long, condition.short] : [condition.window]
}

export function needsDurations(condition: Condition): boolean {
  return (condition.kind === 'threshold' || condition.kind === 'anomaly') && /^p\d/.test(condition.measure)
}

export const needsUsual = ({ kind }: Condition) => kind === 'anomaly' || kind === 'absence'

/** One question for all rules that look at the same window of the same subjects. */
export function questionsOf(rules: readonly OwnRule[]): { grouping: Grouping, length: Millis, countsOnly: boolean }[] {
  const questions = new Map<string, { grouping: Grouping, length: Millis, countsOnly: boolean }>()
  for (const { condition, target } of rules) {
    if (target.kind === 'series') continue
    for (const length of windowsOf(condition)) {
      const id = questionId(target.kind, length)
      const countsOnly = !needsDurations(condition) && (questions.get(id)?.countsOnly ?? true)
      questions.set(id, { grouping: target.kind, length, countsOnly })
    }
  }
  return [...questions.values()]
}

export const questionId = (grouping: Grouping, length: Millis) => `${grouping} ${length}`

export async function read(metrics: MetricSource, { grouping, length, countsOnly }: ReturnType<typeof questionsOf>[number], at: Date): Promise<Reading> {
  const { data, warnings } = await metrics.requests({ window: { from: new Date(at.getTime() - length), to: at }, groupBy: dimensions[grouping], ...(countsOnly && { countsOnly }) })
  return { groups: new Map(data.map(row => [keyOf(subjectOfRow(row)), { subject: subjectOfRow(row), figures: row }])), warnings }
}

/** The day before `at`, to the step; asked once for all rules and kept while the step lasts. */
export function createUsualReader(metrics: MetricSource, excluded: () => readonly TimeWindow[]) {
  const held = new Map<string, { to: number, usual: Promise<Usual> }>()

  async function ask(grouping: Grouping, countsOnly: boolean, to: number): Promise<Usual> {
    const { data } = await metrics.requests({ window: { from: new Date(to - DAY), to: new Date(to) }, groupBy: dimensions[grouping], step: usualStep, ...(countsOnly && { countsOnly }) })
    const trouble = excluded()
    return new Map([...Map.groupBy(data, row => keyOf(subjectOfRow(row)))].map(([key, rows]) =>
      [key, { subject: subjectOfRow(rows[0]!), usual: usualOf(rows.flatMap(row => row.at ? { ...row, at: row.at } : []), usualStep, trouble) }]))
  }

  return (grouping: Grouping, countsOnly: boolean, at: Date): Promise<Usual> => {
    const to = Math.floor(at.getTime() / usualStep) * usualStep
    const id = `${grouping} ${countsOnly}`
    const last = held.get(id)
    if (last?.to === to) return last.usual
    const usual = ask(grouping, countsOnly, to)
    held.set(id, { to, usual })
    usual.catch(() => held.get(id)?.usual === usual && held.delete(id))
    return usual
  }
}

/** Why a source that answered cannot answer this rule: a figure it does not have must not read as none. */
export function lackOf(rule: Pick<OwnRule, 'condition' | 'target'>, warnings: readonly SourceWarning[], source: string): Sentence | undefined {
  const { condition, target } = rule
  const said = new Set(warnings.map(({ code }) => code))
  const lacks = (what: 'routes' | 'consumers' | 'durations' | 'client_errors'): Sentence => ({ code: 'alerting.error.lacks', params: { source, what: { text: `alerting.lack.${what}` } } })
  if (said.has('unavailable')) return { code: 'alerting.error.source', params: { source } }
  if (said.has('no_requests')) return { code: 'alerting.error.no_requests', params: { source } }
  if (target.kind === 'endpoint' && said.has('no_routes')) return lacks('routes')
  if (target.kind === 'consumer' && said.has('no_consumers')) return lacks('consumers')
  if (needsDurations(condition) && said.has('no_durations')) return lacks('durations')
  if (condition.kind === 'ratio' && condition.measure === 'client_errors' && said.has('no_client_errors')) return lacks('client_errors')
  return undefined
}
