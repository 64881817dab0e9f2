import { eq, inArray } from 'drizzle-orm'
import type { Database } from '#server/db/client'
import { alertRules, alerts } from '#server/db/control/schema'

/** What to do about each of these alerts, by its id, where somebody wrote that down: as the rule says it now, or as it came. */
export function runbooksOf(db: Database, alertIds: readonly string[]): ReadonlyMap<string, string> {
  const rows = db.select({ id: alerts.id, sent: alerts.runbook, own: alertRules.runbook }).from(alerts)
    .leftJoin(alertRules, eq(alertRules.id, alerts.rule)).where(inArray(alerts.id, [...alertIds])).all()
  return new Map(rows.flatMap(({ id, sent, own }) => (own ?? sent ? [[id, own ?? sent]] : [])))
}
