import { and, eq } from 'drizzle-orm'
import type { Alert, AlertSubject } from '#server/alerting/alerting'
import type { Transaction } from '#server/db/client'
import { incidentTimeline } from '#server/db/control/schema'
import type { Sentence } from '#shared/text/text'
import { SECOND } from '#shared/units'
import { addEntry, type IncidentRow } from './incident-rows'
import { nameOfSubject } from './subject'

/** The two lines that a timeline begins with: since when it is so, and how long it took to be noticed. */
export function addOnset(tx: Transaction, id: string, { subject, onset, reason }: Pick<Alert, 'subject' | 'onset' | 'reason'>, openedAt: Date): void {
  addEntry(tx, id, { kind: 'onset', at: onset, title: { code: 'incidents.timeline.onset' }, detail: onsetDetail(subject) })
  addEntry(tx, id, { kind: 'opened', at: openedAt, title: openedTitle(onset, openedAt), detail: reason })
}

/** The onset became known to be earlier: both lines say what the head says, and whose onset it is, where one of the alerts tells. */
export function moveOnset(tx: Transaction, { id, onset: before, openedAt }: IncidentRow, onset: Date, alerts: readonly { subject: AlertSubject, onset: Date }[]): void {
  const line = (kind: 'onset' | 'opened', at: Date) => and(eq(incidentTimeline.incidentId, id), eq(incidentTimeline.kind, kind), eq(incidentTimeline.at, at))
  const first = alerts.find(alert => alert.onset.getTime() === onset.getTime())
  tx.update(incidentTimeline).set({ at: onset, ...(first && { detail: onsetDetail(first.subject) }) }).where(line('onset', before)).run()
  tx.update(incidentTimeline).set({ title: openedTitle(onset, openedAt) }).where(line('opened', openedAt)).run()
}

function onsetDetail(subject: AlertSubject): Sentence {
  return { code: 'incidents.timeline.onset_detail', params: { subject: nameOfSubject(subject) } }
}

function openedTitle(onset: Date, at: Date): Sentence {
  const after = at.getTime() - onset.getTime()
  return after < SECOND ? { code: 'incidents.timeline.opened_at_once' } : { code: 'incidents.timeline.opened', params: { after: { micros: after * 1_000 } } }
}
