import { asc, ne } from 'drizzle-orm'
import type { Database } from '#server/db/client'
import { alertStates } from '#server/db/control/schema'
import type { AlertState } from '#shared/alerting/state'
import type { Sentence } from '#shared/text/text'
import type { AlertSubject } from './alert'

/** Where a rule stands with a subject; without one, where the rule itself stands. */
export interface RuleState {
  rule: string
  subject?: AlertSubject
  state: AlertState
  since: Date
  alertId?: string
  reason?: Sentence
}

/** All that are not ok, longest first. */
export function readStates(db: Database): RuleState[] {
  return db.select().from(alertStates).where(ne(alertStates.state, 'ok')).orderBy(asc(alertStates.since), asc(alertStates.subjectKey)).all()
    .map(({ rule, subject, state, since, alertId, reason }) => ({ rule, state, since, ...(subject && { subject }), ...(alertId && { alertId }), ...(reason && { reason }) }))
}
