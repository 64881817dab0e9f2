import type { MetricSource, PromqlAnswer } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'
import type { Sentence } from '#shared/text/text'
import { SECOND, type Millis, type TimeWindow } from '#shared/units'
import { sentenceOf } from '../error-sentence'
import type { Judged, Rule, Tier } from '../rule'
import { judgeRequests, judgeSeries, type OpenSubject, type Spoken } from './judge-rule'
import type { OwnRule } from './own-rule'
import { createUsualReader, lackOf, needsDurations, needsUsual, questionId, questionsOf, read, windowsOf, type Reading, type Usual } from './readings'
import { subjectsOf, type Grouping, type RuleRegister } from './subjects'

export const ownEvery: Millis = 15 * SECOND

export interface OwnRules {
  /** What is judged, and what has to be let go of because it was stopped or deleted. */
  active: () => readonly OwnRule[]
  stopped: () => readonly OwnRule[]
  /** By rule, its subjects that are not simply ok. */
  open: () => ReadonlyMap<string, ReadonlyMap<string, OpenSubject>>
}

export interface OwnTierDependencies {
  metrics: MetricSource
  register: RuleRegister
  rules: OwnRules
  excluded: () => readonly TimeWindow[]
  /** Whether somebody may still query. */
  mayQuery: (userId: string) => boolean
}

/**
 * Rules of one's own. Whatever their number, each window of each kind of subject is asked for once a slot; a query as
 * people write them once for all rules that have it. A question that fails leaves the others alone.
 */
export function createOwnTier({ metrics, register, rules, excluded, mayQuery }: OwnTierDependencies): Tier {
  const readUsual = createUsualReader(metrics, excluded)

  /** The answers to all that the rules ask. */
  function askAll(wanted: readonly OwnRule[], at: Date) {
    const readings = new Map(questionsOf(wanted).map(question => [questionId(question.grouping, question.length), inTime(read(metrics, question, at))]))
    const usual = new Map<Grouping, Promise<Usual>>()
    for (const { condition, target } of wanted) {
      if (!needsUsual(condition) || target.kind === 'series' || usual.has(target.kind)) continue
      const countsOnly = !wanted.some(other => other.target.kind === target.kind && other.condition.kind === 'anomaly' && needsDurations(other.condition))
      usual.set(target.kind, inTime(readUsual(target.kind, countsOnly, at)))
    }
    const queries = new Map<string, Promise<PromqlAnswer>>()
    for (const rule of wanted) {
      const { condition } = rule
      if (condition.kind === 'promql' && !queries.has(condition.query) && isAllowed(rule)) queries.set(condition.query, inTime(ask(condition.query, at)))
    }
    return { readings, usual, queries }
  }

  /** A query is asked in the name of whoever wrote it, as long as they may ask it themselves. */
  const isAllowed = ({ updatedById }: OwnRule) => updatedById === null || mayQuery(updatedById)

  async function ask(query: string, at: Date): Promise<PromqlAnswer> {
    if (!metrics.promql) throw new AppError('source.unsupported', { source: metrics.name, capability: 'PromQL' })
    return metrics.promql.instant(query, at)
  }

  async function judge(rule: OwnRule, answers: ReturnType<typeof askAll>, at: Date, open: ReadonlyMap<string, OpenSubject>): Promise<Spoken | Sentence> {
    const { condition, target } = rule
    if (condition.kind === 'promql') {
      if (!isAllowed(rule)) return { code: 'alerting.error.no_right', params: { name: rule.updatedBy } }
      return judgeSeries(rule, await answers.queries.get(condition.query)!, { at, open }) ?? { code: 'alerting.error.too_many_series' }
    }
    if (target.kind === 'series') return { code: 'alerting.error.own' }
    if (target.kind === 'consumer' && !metrics.capabilities.byConsumer) return { code: 'alerting.error.lacks', params: { source: metrics.name, what: { text: 'alerting.lack.consumers' } } }
    const subjects = subjectsOf(target, register)
    if (!subjects) return { code: 'alerting.error.endpoint_gone' }
    const readings: Reading[] = await Promise.all(windowsOf(condition).map(length => answers.readings.get(questionId(target.kind as Grouping, length))!))
    return lackOf(rule, readings.flatMap(({ warnings }) => warnings), metrics.name)
      ?? judgeRequests(rule, subjects, { readings, usual: await answers.usual.get(target.kind), at, open })
  }

  return {
    name: 'rules',
    every: ownEvery,
    rules: () => [...rules.active(), ...rules.stopped()].map(toRule),
    async judge(at) {
      const [active, open] = [rules.active(), rules.open()]
      const answers = askAll(active, at)
      const judged = await Promise.all(active.map(async (rule): Promise<Judged> => {
        const said = await judge(rule, answers, at, open.get(rule.id) ?? new Map()).catch(sentenceOf)
        return 'code' in said ? { rule: toRule(rule), error: said } : { rule: toRule(rule), ...said }
      }))
      return [...judged, ...rules.stopped().map((rule): Judged => ({ rule: toRule(rule), paused: true }))]
    },
  }
}

function toRule({ id, for: patience, keepFiring }: Pick<OwnRule, 'id' | 'for' | 'keepFiring'>): Rule {
  return { id, origin: 'own', for: patience, keepFiring }
}

/** Several wait for it, at different times; whoever comes too late must not find it thrown away unheard. */
function inTime<T>(asked: Promise<T>): Promise<T> {
  asked.catch(() => undefined)
  return asked
}
