import { and, asc, eq, gt, gte, inArray, isNull, lte, or, sql } from 'drizzle-orm'
import type { Database } from '#server/db/client'
import { alerts } from '#server/db/control/schema'
import type { Sentence } from '#shared/text/text'
import type { TimeWindow } from '#shared/units'

/** What detection asks of the alerts there are. */
export function createRecentAlerts(db: Database) {
  return {
    /** What fires and why, by rule and subject as one text. */
    firing(): ReadonlyMap<string, Sentence> {
      return new Map(db.select({ rule: alerts.rule, key: alerts.subjectKey, reason: alerts.reason }).from(alerts).where(isNull(alerts.endedAt)).all().map(({ rule, key, reason }) => [`${rule} ${key}`, reason]))
    },

    /** When T0 and T2 last paged for a subject, by its key; `at` while one of them does. */
    paged(since: Date, at: Date): ReadonlyMap<string, Date> {
      return new Map(db.select({ key: alerts.subjectKey, ended: alerts.endedAt }).from(alerts)
        .where(and(eq(alerts.severity, 'critical'), inArray(alerts.origin, ['t0', 't2']), or(isNull(alerts.endedAt), gt(alerts.endedAt, since))))
        .orderBy(sql`${alerts.endedAt} is null`, asc(alerts.endedAt)).all().map(({ key, ended }) => [key, ended ?? at]))
    },

    /** Keys of the subjects for which a rule began to fire between then and then. */
    said(rule: string, { since, until }: { since: Date, until: Date }): ReadonlySet<string> {
      return new Set(db.select({ key: alerts.subjectKey }).from(alerts)
        .where(and(eq(alerts.rule, rule), gte(alerts.startedAt, since), lte(alerts.startedAt, until))).all().map(({ key }) => key))
    },

    /** Windows in which something paged. */
    trouble(since: Date, at: Date): TimeWindow[] {
      return db.select({ from: alerts.onset, to: alerts.endedAt }).from(alerts)
        .where(and(eq(alerts.severity, 'critical'), or(isNull(alerts.endedAt), gt(alerts.endedAt, since)))).all()
        .map(({ from, to }) => ({ from, to: to ?? at }))
    },
  }
}

export type RecentAlerts = ReturnType<typeof createRecentAlerts>
