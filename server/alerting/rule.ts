import type { AlertOrigin, Severity } from '#shared/alerting/severity'
import type { Sentence } from '#shared/text/text'
import type { Millis } from '#shared/units'
import type { AlertSubject } from './alert'
import type { Patience } from './alert-state'

/** What raises alerts: a built-in tier or a rule of one's own. */
export interface Rule extends Patience {
  /** Id of a rule of one's own, or the name of a built-in one. */
  id: string
  origin: AlertOrigin
}

/** A subject for which a rule's condition holds now. */
export interface Finding {
  subject: AlertSubject
  severity: Severity
  /** When the series left its range, as far as that can be told. */
  onset: Date
  /** Why, with figures. */
  reason: Sentence
  /** Web page that says what to do, where another system names one. */
  runbook?: string
}

/** What came of asking one rule at one slot. What is neither found nor silent is clear. */
export type Judged
  = | { rule: Rule, findings: readonly Finding[], silent?: readonly AlertSubject[] }
    /** Nobody could be asked. */
    | { rule: Rule, error: Sentence }
    | { rule: Rule, paused: true }

/** Rules that are judged together, again and again, at times that are multiples of `every`. */
export interface Tier {
  name: string
  every: Millis
  /** What it judges, so that trouble in asking can be said of each. */
  rules: () => readonly Rule[]
  /** Asked as a round of our own (`inRounds`). A rule that is left out keeps its states: nothing can be said of it yet. */
  judge: (at: Date) => readonly Judged[] | Promise<readonly Judged[]>
}

/** The same subject has the same key, whatever order its names were given in. */
export function keyOf({ service, operation, remote, method, routeKey, consumer, labels }: AlertSubject): string {
  const names = [service.toLowerCase(), operation?.toLowerCase(), remote?.toLowerCase(), method, routeKey, consumer]
  return JSON.stringify(labels ? [...names, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))] : names)
}
