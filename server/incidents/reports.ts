import { randomUUIDv7 } from 'node:crypto'
import { desc, eq, gte, isNull, or } from 'drizzle-orm'
import { can, recordAudit, type Actor, type UserActor } from '#server/access/access'
import type { Database } from '#server/db/client'
import { incidents, problemReports } from '#server/db/control/schema'
import { AppError } from '#shared/errors'
import type { AnswerReport, Report } from '#shared/schemas/incident-report'
import { DAY } from '#shared/units'
import { addEntry, findRow, numberOf } from './incident-rows'
import { revise } from './revise'
import type { Room } from './room'

/** Answered ones are shown so long, the newest first. */
const shownFor = 14 * DAY
const mostShown = 50

/** What support staff hear of that no incident tells of, until operations have answered. */
export function createReports({ changed, ...room }: Room & { /** Told once it stands. */ changed: () => void }) {
  const { db, clock, notifications } = room

  return {
    /** Told to those who look after incidents, in the same transaction. */
    report(actor: UserActor, { text }: { text: string }): Report {
      const made = db.transaction((tx) => {
        const at = clock.now()
        const row = tx.insert(problemReports).values({ id: randomUUIDv7(), text, byId: actor.id, byName: actor.name, at }).returning().get()
        recordAudit(tx, { actor, action: 'incident_report.create', permission: 'incidents:update', subject: { kind: 'incident_report', id: row.id }, after: { text }, at })
        notifications.enqueue(tx, {
          kind: 'incident.reported', incidentId: null, number: null, severity: 'warning', title: { code: 'incidents.said.report', params: { name: actor.name, text } },
          facts: [], services: [], endpointIds: [], consumers: [], path: '/incidents', at, key: `incident.reported:${row.id}`, by: actor.id,
        })
        return toReport(row, null)
      }, { behavior: 'immediate' })
      changed()
      return made
    },

    /** What becomes of it, once; where it belongs to an incident, it goes into its timeline. */
    answer(actor: UserActor, id: string, { text, incident }: AnswerReport): Report {
      const answered = db.transaction((tx) => {
        const row = tx.select().from(problemReports).where(eq(problemReports.id, id)).get()
        if (!row) throw new AppError('incident.report_not_found')
        if (row.answeredAt) throw new AppError('incident.report_answered', { name: row.answeredBy })
        const at = clock.now()
        const target = incident === null ? undefined : findRow(tx, incident)
        if (target?.status === 'merged') throw new AppError('incident.merged', { number: numberOf(target) })
        const next = tx.update(problemReports).set({ answer: text, answeredBy: actor.name, answeredAt: at, incidentId: target?.id ?? null }).where(eq(problemReports.id, id)).returning().get()!
        if (target) {
          addEntry(tx, target.id, { kind: 'report', at: row.at, title: { code: 'incidents.timeline.report', params: { name: row.byName } }, text: row.text, byId: row.byId, byName: row.byName })
          revise(room, tx, target, { event: 'updated', at })
        }
        recordAudit(tx, { actor, action: target ? 'incident_report.place' : 'incident_report.answer', permission: 'incidents:manage', ...(target && { params: { number: numberOf(target) } }), subject: { kind: 'incident_report', id }, after: { answer: text }, at })
        return toReport(next, target?.number ?? null)
      }, { behavior: 'immediate' })
      changed()
      return answered
    },

    /** Those that wait first, then what was answered lately; nothing to who only reads. */
    list: (actor: Actor): Report[] => can(actor, 'incidents:update') ? readReports(db, clock.now()) : [],
  }
}

function readReports(db: Database, now: Date): Report[] {
  return db.select({ report: problemReports, number: incidents.number }).from(problemReports).leftJoin(incidents, eq(incidents.id, problemReports.incidentId))
    .where(or(isNull(problemReports.answeredAt), gte(problemReports.at, new Date(now.getTime() - shownFor))))
    .orderBy(desc(isNull(problemReports.answeredAt)), desc(problemReports.at)).limit(mostShown).all()
    .map(({ report, number }) => toReport(report, number))
}

function toReport({ id, text, byName, at, answer, answeredAt, answeredBy }: typeof problemReports.$inferSelect, incident: number | null): Report {
  return { id, text, by: byName, at: at.toISOString(), answer: answeredAt ? { text: answer, by: answeredBy ?? '', at: answeredAt.toISOString(), incident } : null }
}
