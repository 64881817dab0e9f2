import { and, eq, inArray, isNotNull, isNull } from 'drizzle-orm'
import type { Transaction } from '#server/db/client'
import { alerts } from '#server/db/control/schema'
import type { AlertChange } from '../alert'
import { toAlert } from '../settle'
import { readOpen, silenceOf } from './silences'

/**
 * What of the changes those are told who make incidents of alerts. What a silence fits is held back, and told as it is
 * then once the silence is over and the alert still fires; an alert that nobody heard of ends as quietly. An incident
 * that was open before goes on to hear how its alerts end.
 */
export function announce(tx: Transaction, changes: readonly AlertChange[], at: Date): AlertChange[] {
  const held = new Map(tx.select().from(alerts).where(and(isNotNull(alerts.heldBack), isNull(alerts.endedAt))).all().map(row => [row.id, row]))
  if (!changes.length && !held.size) return []
  const silences = readOpen(tx, at)
  const unheard = unheardOf(tx, changes)

  function setHeld(id: string, heldBack: 'firing' | 'worse' | null) {
    tx.update(alerts).set({ heldBack }).where(eq(alerts.id, id)).run()
  }

  const told = changes.flatMap((change): AlertChange[] => {
    const { alert, became } = change
    if (became === 'over') return unheard.has(alert.id) ? [] : [change]
    const waits = held.get(alert.id)?.heldBack
    if (silenceOf(silences, alert, at)) {
      setHeld(alert.id, waits ?? became)
      return []
    }
    if (!waits) return [change]
    setHeld(alert.id, null)
    held.delete(alert.id)
    return [{ alert, became: waits }]
  })
  const released = [...held.values()].flatMap((row): AlertChange[] => {
    const alert = toAlert(row)
    if (silenceOf(silences, alert, at)) return []
    setHeld(row.id, null)
    return [{ alert, became: row.heldBack! }]
  })
  return [...told, ...released]
}

/** Of the alerts that end, those that began under a silence and never came out of it. */
function unheardOf(tx: Transaction, changes: readonly AlertChange[]): ReadonlySet<string> {
  const ended = changes.flatMap(({ alert, became }) => (became === 'over' ? alert.id : []))
  if (!ended.length) return new Set()
  return new Set(tx.select({ id: alerts.id }).from(alerts).where(and(inArray(alerts.id, ended), eq(alerts.heldBack, 'firing'))).all().map(({ id }) => id))
}
