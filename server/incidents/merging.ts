import { randomUUIDv7 } from 'node:crypto'
import { and, eq, inArray } from 'drizzle-orm'
import { recordAudit, type UserActor } from '#server/access/access'
import type { Transaction } from '#server/db/client'
import { incidentAlerts, incidentConsumers, incidents, incidentSymptoms } from '#server/db/control/schema'
import { AppError } from '#shared/errors'
import { isLive } from '#shared/registry/lifecycle'
import type { IncidentRevision, SplitIncident } from '#shared/schemas/incident-commands'
import { keepFollowers } from './following'
import { addEntry, alertsOf, consumersOf, findRow, isOpen, nextNumber, numberOf, openAgain, putSymptom, routesOf, symptomsOf, toRevision, type IncidentRow } from './incident-rows'
import { counts, graver, severityOf } from './incident-rules'
import { moveOnset } from './onset-lines'
import { noteRevision, requireSeen, revise, tellOutside } from './revise'
import type { Room } from './room'
import { titleOf } from './title'

/** One disturbance that was taken for two, and two that were taken for one. */
export function createMerging(room: Room) {
  const { db, clock } = room

  return {
    merge(actor: UserActor, id: string, { revision, into }: { revision: number, into: string }): IncidentRevision {
      return db.transaction((tx) => {
        const row = findRow(tx, id)
        const target = findRow(tx, into)
        requireSeen(row, revision)
        if (row.status === 'merged' || target.status === 'merged' || row.id === target.id) throw new AppError('incident.not_mergeable', { number: numberOf(row), into: numberOf(target) })
        const at = clock.now()
        const merged = foldInto(room, tx, row, target, at, actor)
        recordAudit(tx, { actor, action: 'incident.merge', permission: 'incidents:manage', params: { number: numberOf(row), into: numberOf(target) }, subject: { kind: 'incident', id: row.id }, at })
        return toRevision(merged)
      }, { behavior: 'immediate' })
    },

    /** The chosen alerts become an incident of their own; at least one stays. */
    split(actor: UserActor, id: string, { revision, alerts: chosen }: SplitIncident): IncidentRevision {
      return db.transaction((tx) => {
        const row = findRow(tx, id)
        requireSeen(row, revision)
        const held = alertsOf(tx, [row.id])
        const leaving = held.filter(({ alertId }) => chosen.includes(alertId))
        const staying = held.filter(({ alertId }) => !chosen.includes(alertId))
        if (!isOpen(row) || leaving.length !== new Set(chosen).size || !leaving.some(counts) || !staying.some(counts)) throw new AppError('incident.not_splittable', { number: numberOf(row) })
        const at = clock.now()
        const first = leaving.filter(counts)[0]!
        const severity = severityOf(leaving, first.severity)
        const newborn = tx.insert(incidents).values({
          id: randomUUIDv7(), number: nextNumber(tx), revision: 1, decision: 1, status: 'open', severity, worst: leaving.filter(counts).map(({ severity }) => severity).reduce(graver),
          title: first.reason, onset: first.onset, detectedAt: first.startedAt, openedAt: at, reopened: 0, diagnoses: 0, nextDiagnosisAt: at, createdAt: at, updatedAt: at,
        }).returning().get()
        tx.update(incidentAlerts).set({ incidentId: newborn.id }).where(inArray(incidentAlerts.alertId, leaving.map(({ alertId }) => alertId))).run()
        for (const { id } of [row, newborn]) rewriteSymptoms(tx, id)
        const by = { byId: actor.id, byName: actor.name }
        addEntry(tx, newborn.id, { kind: 'split_from', at, title: { code: 'incidents.timeline.split_from', params: { number: numberOf(row) } }, ...by })
        addEntry(tx, row.id, { kind: 'split', at, title: { code: 'incidents.timeline.split', params: { number: numberOf(newborn) } }, ...by })
        const titled = tx.update(incidents).set({ title: titleFor(room, tx, newborn) }).where(eq(incidents.id, newborn.id)).returning().get()!
        noteRevision(room, tx, titled, 'opened', at)
        tellOutside(room, tx, titled, { kind: 'opened', key: '1', at })
        const left = revise(room, tx, row, { event: 'updated', at, isDecision: true, set: { severity: severityOf(staying, row.severity), nextDiagnosisAt: at, title: titleFor(room, tx, row) } })
        recordAudit(tx, { actor, action: 'incident.split', permission: 'incidents:manage', params: { number: numberOf(row), into: numberOf(newborn) }, subject: { kind: 'incident', id: row.id }, at })
        return toRevision(left)
      }, { behavior: 'immediate' })
    },
  }
}

/** What the one holds becomes the other's; it stays as a signpost. The target is open if either was. */
export function foldInto(room: Room, tx: Transaction, row: IncidentRow, target: IncidentRow, at: Date, actor?: UserActor): IncidentRow {
  const by = actor ? { byId: actor.id, byName: actor.name } : {}
  const isReopened = isOpen(row) && !isOpen(target)
  tx.update(incidentAlerts).set({ incidentId: target.id }).where(eq(incidentAlerts.incidentId, row.id)).run()
  for (const symptom of symptomsOf(tx, [row.id])) putSymptom(tx, target.id, symptom, symptom.source)
  keepTold(tx, row.id, target.id)
  keepFollowers(tx, row.id, target.id)
  addEntry(tx, row.id, { kind: 'merged', at, title: { code: 'incidents.timeline.merged', params: { number: numberOf(target) } }, ...by })
  addEntry(tx, target.id, { kind: 'merged_from', at, title: { code: 'incidents.timeline.merged_from', params: { number: numberOf(row) } }, ...by })
  if (isReopened) addEntry(tx, target.id, { kind: 'reopened', at, title: { code: 'incidents.timeline.relapse' } })

  const isEarlier = row.onset < target.onset && isOpen(target)
  if (isEarlier) moveOnset(tx, target, row.onset, alertsOf(tx, [target.id]))
  const severity = isOpen(row) ? (isOpen(target) ? graver(target.severity, row.severity) : row.severity) : target.severity
  const next = revise(room, tx, target, {
    event: isReopened ? 'reopened' : 'updated', at, isDecision: true,
    set: {
      severity, worst: graver(target.worst, row.worst),
      ...(isEarlier && { onset: row.onset }),
      ...(isReopened ? openAgain(target, at) : isOpen(target) && { nextDiagnosisAt: at }),
      title: titleFor(room, tx, target),
    },
  })
  const tookIn = { code: 'incidents.fact.took_in' as const, params: { number: numberOf(row) } }
  if (isReopened) tellOutside(room, tx, next, { kind: 'reopened', key: String(next.reopened), at, fact: tookIn })
  else if (isOpen(row)) tellOutside(room, tx, next, { kind: 'updated', key: `merged:${numberOf(row)}:${next.revision}`, at, fact: tookIn })
  const merged = revise(room, tx, row, { event: 'resolved', at, isDecision: true, set: { status: 'merged', mergedInto: target.id, resolvedAt: row.resolvedAt ?? at, nextDiagnosisAt: null } })
  if (isOpen(row)) tellOutside(room, tx, merged, { kind: 'resolved', key: `merged:${merged.revision}`, at, fact: { code: 'incidents.fact.merged', params: { number: numberOf(target) } } })
  return merged
}

/** Who was told of the one was told of the other. */
function keepTold(tx: Transaction, from: string, to: string) {
  const known = new Map(consumersOf(tx, [to]).map(row => [row.consumer, row]))
  for (const row of consumersOf(tx, [from])) {
    const held = known.get(row.consumer)
    if (!held) tx.insert(incidentConsumers).values({ ...row, incidentId: to }).run()
    else if (held.told === 'open' && row.told !== 'open') {
      tx.update(incidentConsumers).set({ told: row.told, toldBy: row.toldBy, toldAt: row.toldAt, toldNote: row.toldNote })
        .where(and(eq(incidentConsumers.incidentId, to), eq(incidentConsumers.consumer, row.consumer))).run()
    }
  }
}

function rewriteSymptoms(tx: Transaction, id: string) {
  tx.delete(incidentSymptoms).where(eq(incidentSymptoms.incidentId, id)).run()
  for (const { subject } of alertsOf(tx, [id])) putSymptom(tx, id, subject, 'alert')
}

function titleFor({ register }: Room, tx: Transaction, row: IncidentRow) {
  const alerts = alertsOf(tx, [row.id]).filter(counts)
  if (!alerts.length) return row.title
  return titleOf({ alerts, routes: routesOf(symptomsOf(tx, [row.id])), diagnosis: row.diagnosis, endpoints: register.endpoints().filter(({ lifecycle }) => isLive(lifecycle)) })
}
