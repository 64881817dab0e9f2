import type { PromqlAnswer } from '#server/telemetry/ports'
import type { AlertSubject } from '../alert'
import { keyOf, type Finding, type Judged } from '../rule'
import { burnOf, holds, isReached, measure, reasonOf, subjectOfSeries, testOf, type Figures, type OwnRule } from './own-rule'
import type { Reading, Usual } from './readings'
import type { Subjects } from './subjects'

/** A subject that a rule has not left alone: it is pending, fires, or could not be judged. */
export interface OpenSubject {
  subject: AlertSubject
  heldSince?: Date
}

export interface Asked {
  at: Date
  /** Of this rule, by key. */
  open: ReadonlyMap<string, OpenSubject>
}

export type Spoken = Pick<Extract<Judged, { findings: unknown }>, 'findings' | 'silent'>

/** A rule on requests, from what was counted in its windows (a budget's long one first) and what is usual. */
export function judgeRequests(rule: OwnRule, { named, fits }: Subjects, { readings: [reading, short], usual, at, open }: Asked & { readings: readonly Reading[], usual?: Usual }): Spoken {
  const { condition } = rule
  if (condition.kind === 'promql') throw new TypeError('a query is judged by its series')
  const spoken = new Map<string, AlertSubject>()
  for (const subject of [...named, ...[...open.values()].map(({ subject }) => subject)]) spoken.set(keyOf(subject), subject)
  const measured = condition.kind === 'absence' ? usual! : reading!.groups
  for (const [key, { subject }] of measured) if (fits(subject)) spoken.set(key, subject)
  // Somebody who calls somewhere is there, though nobody said where.
  for (const [key, subject] of spoken) if (subject.service === '' && [...spoken.values()].some(other => other.service !== '' && other.consumer === subject.consumer)) spoken.delete(key)

  function valueOf(key: string): number | undefined {
    if (condition.kind === 'absence') return reading!.groups.has(key) ? 0 : usual!.has(key) || open.get(key)?.heldSince ? condition.window * 1_000 : undefined
    if (condition.kind === 'burn') return burnOf(condition, reading!.groups.get(key)?.figures, short!.groups.get(key)?.figures)
    if (condition.kind === 'promql') return undefined
    return measure(condition, reading!.groups.get(key)?.figures, usual?.get(key)?.usual)
  }

  return speak(rule, [...spoken].map(([key, subject]) => ({ key, subject, value: valueOf(key), figures: reading!.groups.get(key)?.figures })), { at, open, expected: new Set(named.map(keyOf)) })
}

const mostSeries = 100

/** Each series of a query is a subject. Undefined where it answers too many to be watched one by one. */
export function judgeSeries(rule: OwnRule, { series }: PromqlAnswer, { at, open }: Asked): Spoken | undefined {
  if (series.length > mostSeries) return undefined
  const values = new Map(series.map(({ labels, points }) => {
    const subject = subjectOfSeries(labels, rule.name)
    return [keyOf(subject), { subject, value: points.at(-1)?.value }] as const
  }))
  const itself = { service: rule.name }
  if (!values.size) values.set(keyOf(itself), { subject: itself, value: undefined })
  for (const [key, { subject }] of open) if (!values.has(key) && key !== keyOf(itself)) values.set(key, { subject, value: undefined })
  return speak(rule, [...values].map(([key, { subject, value }]) => ({ key, subject, value: Number.isFinite(value) ? value : undefined })), { at, open, expected: new Set(values.keys()) })
}

interface Measured { key: string, subject: AlertSubject, value: number | undefined, figures?: Figures }

function speak(rule: OwnRule, all: readonly Measured[], { at, open, expected }: Asked & { expected: ReadonlySet<string> }): Spoken {
  const test = testOf(rule.condition)
  const findings: Finding[] = []
  const silent: AlertSubject[] = []
  for (const { key, subject, value, figures } of all) {
    if (value === undefined) {
      if (expected.has(key) || open.has(key)) silent.push(subject)
    }
    else if (holds(test, value, { reached: isReached(rule.condition) })) {
      findings.push({ subject, severity: rule.severity, onset: open.get(key)?.heldSince ?? at, reason: reasonOf(rule, value, figures?.requests) })
    }
  }
  return { findings, silent }
}
