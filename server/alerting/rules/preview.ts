import type { z } from 'zod'
import type { Clock } from '#server/clock'
import type { MetricSource, Population, SourceWarning } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'
import type { AlertRuleFields, rulePreview } from '#shared/schemas/alert-rule'
import type { Change } from '#shared/schemas/change'
import { toAnsweredWindow, toSentWarning } from '#shared/schemas/time-range'
import type { Sentence } from '#shared/text/text'
import { DAY, MINUTE, type TimeWindow } from '#shared/units'
import { median } from '../detection/statistics'
import { sentenceOf } from '../error-sentence'
import { keyOf } from '../rule'
import { firingsOf, quietLimit, type BacktestRule, type Firing } from './backtest'
import { courseOf, leadOf, stepFor, type Course, type Steps } from './courses'
import { isReached, subjectOfSeries, testOf } from './own-rule'
import { lackOf, needsDurations, subjectOfRow } from './readings'
import { dimensions, subjectsOf, whereOf, type RuleRegister } from './subjects'

type Answered = z.input<typeof rulePreview>

const shownFirings = 20
const drawnSteps = 288
const mostSeries = 100
/** A change so long before a firing may well be why. */
const before = 15 * MINUTE

export interface PreviewDependencies {
  clock: Clock
  metrics: MetricSource
  register: RuleRegister
  /** What was changed in a window, newest first. */
  changes: (window: TimeWindow) => readonly Change[]
  /** What fired meanwhile for a service, and the incident it belongs to. */
  alertsOf: (service: string, window: TimeWindow) => { count: number, incident?: { id: string, number: number } }
}

interface Past { courses: Course[], steps: Steps, population: Population, warnings: SourceWarning[] }

/** What a rule would have done in the last 24 hours, judged by the same state machine as in earnest. */
export function createPreview({ clock, metrics, register, changes, alertsOf }: PreviewDependencies) {
  return {
    async preview(fields: AlertRuleFields, signal?: AbortSignal): Promise<Answered> {
      const now = clock.now().getTime()
      const test = testOf(fields.condition)
      const empty: Answered = {
        window: toAnsweredWindow({ from: new Date(now - DAY), to: new Date(now) }), step: MINUTE, unit: test.unit, comparator: test.comparator, limit: test.limit,
        subjects: 0, count: 0, firings: [], quiet: null, usual: null, drawn: null, error: null, population: { kind: 'all' }, warnings: [],
      }
      try {
        const past = await readPast(fields, now, signal)
        return 'code' in past ? { ...empty, error: past } : { ...empty, ...answer(fields, past) }
      }
      catch (error) {
        if (!(error instanceof AppError) || error.code === 'request.abandoned') throw error
        return { ...empty, error: sentenceOf(error) }
      }
    },
  }

  async function readPast(fields: AlertRuleFields, now: number, signal?: AbortSignal): Promise<Past | Sentence> {
    const { condition, target } = fields
    if (condition.kind === 'promql') return readSeries(condition.query, fields.name, now, signal)
    if (target.kind === 'series') return { code: 'alerting.error.own' }
    if (target.kind === 'consumer' && !metrics.capabilities.byConsumer) return { code: 'alerting.error.lacks', params: { source: metrics.name, what: { text: 'alerting.lack.consumers' } } }
    const subjects = subjectsOf(target, register)
    if (!subjects) return { code: 'alerting.error.endpoint_gone' }
    const where = whereOf(subjects)
    const steps = stepsOf(now, stepFor(fields, where !== undefined))
    const lead = leadOf(fields, steps.step)
    const answer = await metrics.requests({
      window: { from: new Date(steps.start - lead * steps.step), to: new Date(steps.start + steps.count * steps.step) }, step: steps.step,
      groupBy: dimensions[target.kind], ...(where && { where }), ...(!needsDurations(condition) && { countsOnly: true }),
    }, signal)
    const lack = lackOf(fields, answer.warnings, metrics.name)
    if (lack) return lack
    const groups = Map.groupBy(answer.data.filter(row => subjects.fits(subjectOfRow(row))), row => keyOf(subjectOfRow(row)))
    const courses = [...groups.values()].map(rows => courseOf(fields, { subject: subjectOfRow(rows[0]!), rows: rows.flatMap(row => row.at ? { ...row, at: row.at } : []) }, steps, lead))
    return { courses, steps, population: answer.population, warnings: answer.warnings }
  }

  async function readSeries(query: string, name: string, now: number, signal?: AbortSignal): Promise<Past | Sentence> {
    if (!metrics.promql) return { code: 'alerting.error.no_promql' }
    const steps = stepsOf(now, 2 * MINUTE)
    const end = (i: number) => steps.start + (i + 1) * steps.step
    const { series, warnings } = await metrics.promql.range(query, { from: new Date(end(0)), to: new Date(end(steps.count - 1)), step: steps.step }, signal)
    if (series.length > mostSeries) return { code: 'alerting.error.too_many_series' }
    const courses = series.map(({ labels, points }): Course => {
      const values: (number | undefined)[] = Array.from({ length: steps.count })
      for (const { at, value } of points) {
        const i = Math.round((at * 1_000 - end(0)) / steps.step)
        if (i >= 0 && i < values.length && value !== undefined && Number.isFinite(value)) values[i] = value
      }
      return { subject: subjectOfSeries(labels, name), values, requests: points.length }
    })
    return { courses, steps, population: { kind: 'all' }, warnings }
  }

  function answer(fields: AlertRuleFields, { courses, steps, population, warnings }: Past): Partial<Answered> {
    const rule: BacktestRule = { ...testOf(fields.condition), reached: isReached(fields.condition), patience: fields }
    const bySubject = courses.map(course => ({ course, firings: firingsOf(rule, course, steps) }))
    const firings = bySubject.flatMap(each => each.firings).sort((a, b) => a.at.getTime() - b.at.getTime())
    const window = { from: new Date(steps.start), to: new Date(steps.start + steps.count * steps.step) }
    const changed = firings.length ? changes({ from: new Date(window.from.getTime() - before), to: window.to }) : []
    const drawn = bySubject.toSorted((a, b) => b.firings.length - a.firings.length || b.course.requests - a.course.requests)[0]?.course
    return {
      window: toAnsweredWindow(window), step: steps.step, population, warnings: warnings.map(toSentWarning),
      subjects: courses.length, count: firings.length,
      firings: firings.slice(-shownFirings).map(firing => toSent(firing, changed, window)),
      quiet: quietLimit(rule, courses, steps) ?? null,
      usual: drawn ? median(drawn.values.filter(value => value !== undefined)) ?? null : null,
      drawn: drawn ? { subject: { ...drawn.subject }, ...thinned(drawn.values, steps, rule.comparator) } : null,
    }
  }

  function toSent({ subject, at, over, peak }: Firing, changed: readonly Change[], window: TimeWindow): Answered['firings'][number] {
    const meanwhile = { from: new Date(at.getTime() - before), to: over ?? window.to }
    const near = changed.filter(change => Date.parse(change.at) >= meanwhile.from.getTime() && Date.parse(change.at) < meanwhile.to.getTime())
    const { count, incident } = alertsOf(subject.service, { from: at, to: meanwhile.to })
    return {
      subject: { ...subject }, at: at.toISOString(), over: over?.toISOString() ?? null, peak,
      change: near.find(({ service }) => service === subject.service) ?? near[0] ?? null,
      alerts: count, incident: incident ?? null,
    }
  }
}

/** Whole steps, the last of them over. */
function stepsOf(now: number, step: number): Steps {
  const count = Math.floor(DAY / step)
  return { start: Math.floor(now / step) * step - count * step, step, count }
}

/** Of neighbours the one that is nearer to firing, so that no peak is lost. */
function thinned(values: readonly (number | undefined)[], { start, step }: Steps, comparator: 'above' | 'below') {
  const each = Math.ceil(values.length / drawnSteps)
  const out: (number | null)[] = []
  for (let i = 0; i < values.length; i += each) {
    const some = values.slice(i, i + each).filter(value => value !== undefined)
    out.push(some.length ? Number((comparator === 'above' ? Math.max(...some) : Math.min(...some)).toPrecision(6)) : null)
  }
  return { start: new Date(start).toISOString(), step: step * each, values: out }
}
