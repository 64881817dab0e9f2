import type { Database, Transaction } from '#server/db/client'
import { relapse } from '#shared/incidents/relapse'
import { addEntry, alertsOf, closedButFiring, findRow, firingOf, isOpen, openAgain, openRows, type IncidentRow } from './incident-rows'
import { isCalm, severityOf } from './incident-rules'
import { revise, tellOutside } from './revise'
import type { Room } from './room'

/**
 * Ends what is over, and opens again what was closed by hand but still fires when a relapse would open nothing any more:
 * else an outage goes on that no page shows. Who wants it to stay closed has a silence. Asked in the evaluator's slots,
 * by whoever holds its lease; asked twice, it happens once.
 */
export function createSettling({ refreshImpact, ...room }: Room & { refreshImpact: (id: string) => Promise<void> }) {
  const { db } = room

  return async function settle(at: Date): Promise<void> {
    const over = openRows(db).filter(row => isOver(row, at))
    // The last figures are part of how it ended.
    await Promise.all(over.map(({ id }) => refreshImpact(id).catch(() => {})))
    for (const { id } of over) {
      db.transaction((tx) => {
        const row = findRow(tx, id)
        if (!isOpen(row) || !isOver(row, at, tx)) return
        addEntry(tx, id, { kind: 'resolved', at, title: { code: 'incidents.timeline.resolved' }, detail: { code: 'incidents.timeline.resolved_detail' } })
        const next = revise(room, tx, row, { event: 'resolved', at, isDecision: true, set: { status: 'resolved', severity: row.worst, resolvedAt: at, resolvedBy: null, nextDiagnosisAt: null } })
        tellOutside(room, tx, next, { kind: 'resolved', key: String(next.revision), at })
      }, { behavior: 'immediate' })
    }
    for (const { id } of lasting(db, at)) db.transaction(tx => reopen(tx, id, at), { behavior: 'immediate' })
  }

  function lasting(reader: Database | Transaction, at: Date): IncidentRow[] {
    return closedButFiring(reader, new Date(at.getTime() - relapse)).filter(({ id }) => firingOf(reader, alertsOf(reader, [id]), at).length > 0)
  }

  function reopen(tx: Transaction, id: string, at: Date) {
    const row = lasting(tx, at).find(each => each.id === id)
    if (!row) return
    const set = { ...openAgain(row, at), severity: severityOf(alertsOf(tx, [id]), row.severity) }
    addEntry(tx, id, { kind: 'reopened', at, title: { code: 'incidents.timeline.still_firing' }, detail: { code: 'incidents.timeline.still_firing_detail', params: { after: { micros: (at.getTime() - row.resolvedAt!.getTime()) * 1_000 } } } })
    const next = revise(room, tx, row, { event: 'reopened', at, isDecision: true, set })
    tellOutside(room, tx, next, { kind: 'reopened', key: String(set.reopened), at })
  }

  function isOver({ id, heldOpen }: { id: string, heldOpen: boolean }, at: Date, reader: Parameters<typeof alertsOf>[0] = db): boolean {
    return !heldOpen && isCalm(alertsOf(reader, [id]), at)
  }
}
