import { alertsOf, addEntry, findRow, isOpen, openRows } from './incident-rows'
import { isCalm } from './incident-rules'
import { revise, tellOutside } from './revise'
import type { Room } from './room'

/** Ends what is over. Asked in the evaluator's slots, by whoever holds its lease; asked twice, it happens once. */
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
  }

  function isOver({ id, heldOpen }: { id: string, heldOpen: boolean }, at: Date, reader: Parameters<typeof alertsOf>[0] = db): boolean {
    return !heldOpen && isCalm(alertsOf(reader, [id]), at)
  }
}
