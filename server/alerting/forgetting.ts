import { and, eq, inArray, isNotNull, like, lt, ne, notExists, or, sql } from 'drizzle-orm'
import type { Database } from '#server/db/client'
import { alertRules, alerts, alertStates } from '#server/db/control/schema'
import { DAY, type Millis } from '#shared/units'

/** How long an alert that ended is listed. What incidents need of their alerts they keep themselves. */
const kept: Millis = 90 * DAY

/** Alerts that ended long ago, and states that say no more than their absence does. */
export function forgetOld(db: Database, now: Date): void {
  db.transaction((tx) => {
    tx.delete(alerts).where(lt(alerts.endedAt, new Date(now.getTime() - kept))).run()
    // As long as a firing is there, the state goes on counting: no two have the same number.
    const firings = tx.select({ one: sql`1` }).from(alerts).where(and(eq(alerts.rule, alertStates.rule), eq(alerts.subjectKey, alertStates.subjectKey)))
    const deletedRules = tx.select({ id: alertRules.id }).from(alertRules).where(isNotNull(alertRules.deletedAt))
    // Where a rule itself stands is of use with ours alone: each alert of another system is a rule of its own.
    const forgettable = or(ne(alertStates.subjectKey, ''), like(alertStates.rule, 'alertmanager-%'))
    tx.delete(alertStates).where(and(
      or(and(eq(alertStates.state, 'ok'), forgettable), and(eq(alertStates.state, 'paused'), inArray(alertStates.rule, deletedRules))),
      notExists(firings),
    )).run()
  }, { behavior: 'immediate' })
}
