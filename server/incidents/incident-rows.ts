import { randomUUIDv7 } from 'node:crypto'
import { and, asc, desc, eq, exists, gte, inArray, isNull, lte, ne, or, sql, type SQL } from 'drizzle-orm'
import { openSilences, silenceOf, subjectKeyOf, type Alert } from '#server/alerting/alerting'
import type { Database, Transaction } from '#server/db/client'
import { incidentAlerts, incidentConsumers, incidents, incidentSymptoms, incidentTimeline } from '#server/db/control/schema'
import { AppError } from '#shared/errors'
import { relapse } from '#shared/incidents/relapse'
import type { IncidentRevision } from '#shared/schemas/incident-commands'
import type { Candidate } from './grouping'
import { counts } from './incident-rules'
import { routeIdOf, routeOf, type Route } from './subject'

export type IncidentRow = typeof incidents.$inferSelect
export type AlertRow = typeof incidentAlerts.$inferSelect
export type SymptomRow = typeof incidentSymptoms.$inferSelect
export type ConsumerRow = typeof incidentConsumers.$inferSelect
export type TimelineRow = typeof incidentTimeline.$inferSelect

type Reader = Database | Transaction

export const isOpen = ({ status }: Pick<IncidentRow, 'status'>) => status === 'open' || status === 'acknowledged'

/** `INC-128`. */
export const numberOf = ({ number }: Pick<IncidentRow, 'number'>) => `INC-${number}`

/** By id, by `INC-128` or by its number alone. */
export function findRow(db: Reader, id: string): IncidentRow {
  const number = /^(?:INC-)?(\d+)$/i.exec(id)?.[1]
  const row = db.select().from(incidents).where(number ? eq(incidents.number, Number(number)) : eq(incidents.id, id.toLowerCase())).get()
  if (!row) throw new AppError('incident.not_found', { id })
  return row
}

export function openRows(db: Reader): IncidentRow[] {
  return db.select().from(incidents).where(inArray(incidents.status, ['open', 'acknowledged'])).orderBy(asc(incidents.number)).all()
}

export function endedRows(db: Reader, since: Date): { id: string, resolvedAt: Date }[] {
  return db.select({ id: incidents.id, resolvedAt: incidents.resolvedAt }).from(incidents).where(and(eq(incidents.status, 'resolved'), gte(incidents.resolvedAt, since))).all()
    .map(({ id, resolvedAt }) => ({ id, resolvedAt: resolvedAt! }))
}

/** Resolved before then, while something of it goes on: a person closed it. */
export function closedButFiring(db: Reader, before: Date): IncidentRow[] {
  const firing = db.select({ id: incidentAlerts.incidentId }).from(incidentAlerts).where(and(isNull(incidentAlerts.endedAt), ne(incidentAlerts.severity, 'info')))
  return db.select().from(incidents).where(and(inArray(incidents.id, firing), eq(incidents.status, 'resolved'), lte(incidents.resolvedAt, before))).all()
}

/** Of the alerts of incidents, those that go on and that no silence keeps still; insights aside. */
export function firingOf(db: Reader, alerts: readonly AlertRow[], at: Date): AlertRow[] {
  const firing = alerts.filter(alert => counts(alert) && !alert.endedAt)
  const silences = firing.length ? openSilences(db, at) : []
  return firing.filter(alert => !silenceOf(silences, alert, at))
}

/** What is set of one that was over and goes on. */
export function openAgain({ assigneeId, reopened }: IncidentRow, at: Date) {
  return { status: assigneeId ? 'acknowledged' as const : 'open' as const, resolvedAt: null, resolvedBy: null, heldOpen: false, reopened: reopened + 1, diagnoses: 0, nextDiagnosisAt: at }
}

/** When it was opened: the last time, where that was more than once. */
export function begunAt(db: Reader, { id, openedAt, reopened }: Pick<IncidentRow, 'id' | 'openedAt' | 'reopened'>): Date {
  const last = reopened > 0
    ? db.select({ at: incidentTimeline.at }).from(incidentTimeline).where(and(eq(incidentTimeline.incidentId, id), eq(incidentTimeline.kind, 'reopened'))).orderBy(desc(incidentTimeline.at)).get()
    : undefined
  return last?.at ?? openedAt
}

/** What an alert may belong to: whatever is open, and what ended a short while ago. */
export function readCandidates(db: Reader, at: Date): Candidate[] {
  const rows = db.select().from(incidents).where(or(
    inArray(incidents.status, ['open', 'acknowledged']),
    and(eq(incidents.status, 'resolved'), gte(incidents.resolvedAt, new Date(at.getTime() - relapse))),
  )).orderBy(asc(incidents.number)).all()
  const alerts = Map.groupBy(alertsOf(db, rows.map(({ id }) => id)), ({ incidentId }) => incidentId)
  return rows.map(row => ({
    id: row.id, isOpen: isOpen(row), resolvedAt: row.resolvedAt,
    culprit: row.diagnosis?.culprit ?? null, confidence: row.diagnosis?.confidence ?? null,
    alerts: alerts.get(row.id) ?? [],
  }))
}

export function alertsOf(db: Reader, ids: readonly string[]): AlertRow[] {
  if (!ids.length) return []
  return db.select().from(incidentAlerts).where(inArray(incidentAlerts.incidentId, [...ids])).orderBy(asc(incidentAlerts.startedAt)).all()
}

export function symptomsOf(db: Reader, ids: readonly string[]): SymptomRow[] {
  if (!ids.length) return []
  return db.select().from(incidentSymptoms).where(inArray(incidentSymptoms.incidentId, [...ids])).all()
}

/** Of incidents: one of its symptoms is such a one. */
export function hasSymptom(db: Reader, condition: SQL | undefined): SQL {
  return exists(db.select({ one: sql`1` }).from(incidentSymptoms).where(and(eq(incidentSymptoms.incidentId, incidents.id), condition)))
}

/** Of incidents: it shows at one of these services, or comes from there or from what is called there. In lower case. */
export function concernsOneOf(db: Reader, services: readonly string[]): SQL | undefined {
  const names = [...services]
  return or(
    hasSymptom(db, inArray(incidentSymptoms.service, names)),
    inArray(sql`json_extract(${incidents.culpritKey}, '$[0]')`, names),
    inArray(sql`json_extract(${incidents.culpritKey}, '$[2]')`, names),
  )
}

/** Those that are hurt most first. */
export function consumersOf(db: Reader, ids: readonly string[]): ConsumerRow[] {
  if (!ids.length) return []
  return db.select().from(incidentConsumers).where(inArray(incidentConsumers.incidentId, [...ids]))
    .orderBy(desc(sql`${incidentConsumers.failed} + coalesce(${incidentConsumers.slow}, 0)`), asc(incidentConsumers.consumer)).all()
}

/** `operation`: what requests of its route are called, where the alert does not say so itself. */
export function putAlert(tx: Transaction, incidentId: string, { id, rule, origin, subject, severity, onset, startedAt, lastFiredAt, endedAt, reason }: Alert, operation?: string): void {
  const said = { severity, lastFiredAt, endedAt: endedAt ?? null, reason }
  tx.insert(incidentAlerts).values({ alertId: id, incidentId, rule, origin, subjectKey: subjectKeyOf(subject), subject, onset, startedAt, ...said })
    .onConflictDoUpdate({ target: incidentAlerts.alertId, set: said }).run()
  putSymptom(tx, incidentId, { ...subject, ...(!subject.operation && subject.routeKey && operation && { operation }) }, 'alert')
}

export function putSymptom(tx: Transaction, incidentId: string, { service, operation, remote, method, routeKey }: AlertRow['subject'], source: SymptomRow['source']): void {
  tx.insert(incidentSymptoms).values({
    incidentId, service: service.toLowerCase(), operation: operation ?? '', remote: remote ?? '', method: method ?? '', routeKey: routeKey ?? '', source,
  }).onConflictDoNothing().run()
}

export function dropSymptoms(tx: Transaction, incidentId: string, source: SymptomRow['source']): void {
  tx.delete(incidentSymptoms).where(and(eq(incidentSymptoms.incidentId, incidentId), eq(incidentSymptoms.source, source))).run()
}

export interface NewEntry extends Pick<TimelineRow, 'kind' | 'title' | 'at'>, Partial<Pick<TimelineRow, 'detail' | 'text' | 'ko' | 'en' | 'byId' | 'byName' | 'change'>> {}

export function addEntry(tx: Transaction, incidentId: string, entry: NewEntry): void {
  tx.insert(incidentTimeline).values({ id: randomUUIDv7(), incidentId, ...entry }).run()
}

/** Routes that are disturbed: those that raised an alert, else those the diagnosis found. */
export function routesOf(symptoms: readonly SymptomRow[]): Route[] {
  const routes = (source: SymptomRow['source']) => symptoms.filter(row => row.source === source).flatMap(row => routeOf(row) ?? [])
  const all = [...routes('alert'), ...routes('diagnosis')]
  return [...new Map(all.map(route => [routeIdOf(route), route])).values()]
}

export function nextNumber(tx: Transaction): number {
  return (tx.select({ last: sql<number | null>`max(${incidents.number})` }).from(incidents).get()?.last ?? 0) + 1
}

export function toRevision({ id, number, revision, status }: IncidentRow): IncidentRevision {
  return { id, number, revision, status }
}
