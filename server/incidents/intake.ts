import { randomUUIDv7 } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { Alert, AlertChange, AlertListener } from '#server/alerting/alerting'
import type { Transaction } from '#server/db/client'
import { incidentAlerts, incidents } from '#server/db/control/schema'
import { severities } from '#shared/alerting/severity'
import { isLive } from '#shared/registry/lifecycle'
import { MINUTE } from '#shared/units'
import { placeOf } from './grouping'
import { addEntry, alertsOf, findRow, isOpen, nextNumber, openAgain, putAlert, readCandidates, routesOf, symptomsOf, type IncidentRow } from './incident-rows'
import { counts, graver, severityOf } from './incident-rules'
import { addOnset, moveOnset } from './onset-lines'
import { noteRevision, revise, tellOutside } from './revise'
import type { Room } from './room'
import { nameOfSubject, routeIdOf } from './subject'
import { titleOf } from './title'
import type { Topology } from './topology'

/** An onset found further back than this belongs to a drift, not to this disturbance. */
const mostEarlier = 10 * MINUTE

/** Turns what alerting says into incidents, in alerting's own transaction: no alert is ever without its incident. */
export function createIntake({ topology, ...room }: Room & { topology: () => Topology }): AlertListener {
  /** What one incident went through in this call. */
  type Touched = Map<string, { before: IncidentRow | undefined, how: 'opened' | 'reopened' | 'updated' }>

  return function listen(tx, changes, at) {
    const touched: Touched = new Map()
    for (const change of inOrder(changes)) take(tx, change, at, touched)
    for (const [id, { before, how }] of touched) settleFacts(tx, id, before, how, at)
  }

  function take(tx: Transaction, { alert, became }: AlertChange, at: Date, touched: Touched) {
    const held = tx.select({ id: incidentAlerts.incidentId }).from(incidentAlerts).where(eq(incidentAlerts.alertId, alert.id)).get()
    if (held) {
      const row = findRow(tx, held.id)
      put(tx, held.id, alert)
      if (became !== 'firing') addEntry(tx, held.id, { kind: became === 'over' ? 'alert_over' : 'alert_worse', at, title: { code: became === 'over' ? 'incidents.timeline.alert_over' : 'incidents.timeline.alert_worse', params: { subject: nameOfSubject(alert.subject) } }, detail: became === 'over' ? null : alert.reason })
      // Somebody closed it while it went on; that it grows is news.
      note(touched, row, row.status === 'resolved' && became === 'worse' ? 'reopened' : 'updated')
      return
    }
    if (became === 'over') return
    const place = placeOf(alert, readCandidates(tx, at), topology())
    if (place === 'new') {
      if (counts(alert)) open(tx, alert, at, touched)
      return
    }
    // An insight is no relapse: what it belongs to is over.
    if (place.how === 'relapse' && !counts(alert)) return
    const row = findRow(tx, place.incident)
    put(tx, row.id, alert)
    addEntry(tx, row.id, { kind: 'alert', at, title: { code: 'incidents.timeline.alert', params: { subject: nameOfSubject(alert.subject) } }, detail: alert.reason })
    note(touched, row, place.how === 'relapse' ? 'reopened' : 'updated')
  }

  function put(tx: Transaction, incidentId: string, alert: Alert) {
    putAlert(tx, incidentId, alert, topology().operations.get(routeIdOf(alert.subject)))
  }

  function note(touched: Touched, before: IncidentRow | undefined, how: 'opened' | 'reopened' | 'updated', id = before!.id) {
    const known = touched.get(id)
    if (!known) touched.set(id, { before, how })
    else if (how === 'reopened' && known.how === 'updated') known.how = how
  }

  function open(tx: Transaction, alert: Alert, at: Date, touched: Touched) {
    const id = randomUUIDv7()
    tx.insert(incidents).values({
      id, number: nextNumber(tx), revision: 1, decision: 1, status: 'open', severity: alert.severity, worst: alert.severity,
      title: alert.reason, onset: alert.onset, detectedAt: alert.startedAt, openedAt: at, reopened: 0,
      diagnoses: 0, nextDiagnosisAt: at, createdAt: at, updatedAt: at,
    }).run()
    put(tx, id, alert)
    addOnset(tx, id, alert, at)
    note(touched, undefined, 'opened', id)
  }

  /** Severity, title and onset follow from the alerts; then the revision is told. */
  function settleFacts(tx: Transaction, id: string, before: IncidentRow | undefined, how: 'opened' | 'reopened' | 'updated', at: Date) {
    const row = findRow(tx, id)
    const alerts = alertsOf(tx, [id])
    // One that somebody closed keeps the worst it was, whatever of it goes on.
    const severity = isOpen(row) || how === 'reopened' ? severityOf(alerts, row.severity) : row.severity
    const facts = {
      severity, worst: graver(row.worst, severity),
      onset: how === 'reopened' ? row.onset : earliestOnset(row, alerts.map(({ onset }) => onset)),
      title: titleOf({ alerts: alerts.filter(counts), routes: routesOf(symptomsOf(tx, [id])), endpoints: room.register.endpoints().filter(({ lifecycle }) => isLive(lifecycle)), diagnosis: row.diagnosis }),
    }
    if (facts.onset < row.onset) moveOnset(tx, row, facts.onset, alerts)
    if (how === 'opened') {
      // Its first revision is the one it was written with.
      const opened = tx.update(incidents).set(facts).where(eq(incidents.id, id)).returning().get()!
      noteRevision(room, tx, opened, 'opened', at)
      tellOutside(room, tx, opened, { kind: 'opened', key: '1', at })
      return
    }
    if (how === 'reopened') {
      const again = openAgain(row, at)
      addEntry(tx, id, { kind: 'reopened', at, title: { code: 'incidents.timeline.relapse' } })
      const next = revise(room, tx, row, { event: 'reopened', at, isDecision: true, set: { ...facts, ...again } })
      tellOutside(room, tx, next, { kind: 'reopened', key: String(again.reopened), at })
      return
    }
    const moved = before!.severity !== severity
    if (moved) addEntry(tx, id, { kind: 'severity', at, title: { code: `incidents.timeline.severity.${severity as 'warning' | 'critical'}` } })
    const isNewTrouble = alerts.some(alert => counts(alert) && alert.startedAt.getTime() === at.getTime())
    const next = revise(room, tx, row, { event: 'updated', at, set: { ...facts, ...(isNewTrouble && { heldOpen: false }), ...(isNewTrouble && !row.nextDiagnosisAt && row.status !== 'resolved' && { nextDiagnosisAt: nextLook(row, at) }) } })
    if (moved && severities.indexOf(severity) > severities.indexOf(before!.severity)) tellOutside(room, tx, next, { kind: 'updated', key: `severity:${severity}:${next.revision}`, at })
  }
}

/** What is over first, so that a slot in which one thing ends and another begins reads in order; the gravest next. */
function inOrder(changes: readonly AlertChange[]): AlertChange[] {
  const rank = ({ alert, became }: AlertChange) => (became === 'over' ? 0 : 1 + severities.length - severities.indexOf(alert.severity))
  return [...changes].sort((a, b) => rank(a) - rank(b) || a.alert.onset.getTime() - b.alert.onset.getTime())
}

/** New trouble is looked into at once, but an alert that comes and goes does not keep the diagnosis busy. */
function nextLook({ diagnosis }: IncidentRow, at: Date): Date {
  return new Date(Math.max(at.getTime(), (diagnosis?.at ?? 0) / 1_000 + MINUTE))
}

function earliestOnset({ onset, detectedAt }: IncidentRow, onsets: readonly Date[]): Date {
  const earliest = Math.min(onset.getTime(), ...onsets.map(time => time.getTime()).filter(time => detectedAt.getTime() - time <= mostEarlier))
  return new Date(earliest)
}
