import { MINUTE, type Millis } from '#shared/units'

/** So many messages a minute go to one destination singly; what is more is joined. */
export const singles = 5
export const stormWindow: Millis = MINUTE

export interface Owed {
  id: string
  incidentId: string | null
  /** The end of quiet hours. */
  heldUntil: Date | null
}

/**
 * Which of the deliveries that a destination is owed, oldest first, make its next message; none when the next one has to
 * wait. Everything of one incident stays together and in order, what is held of it included: the newest says how it is.
 *
 *   alone     one incident, and the destination had fewer than five messages within the minute
 *   joined    several incidents that were held, or that are more than what may still go singly
 *   later     five messages went within the minute: what comes is joined at its end
 */
export function joinDue(owed: readonly Owed[], { now, recent }: { now: Date, /** Times of the destination's messages. */ recent: readonly Date[] }): readonly Owed[] {
  const due = owed.filter(({ heldUntil }) => heldUntil === null || heldUntil <= now)
  if (due.length === 0) return []
  const within = recent.filter(at => now.getTime() - at.getTime() < stormWindow).length
  if (within >= singles) return []
  const incidents = [...new Set(due.map(subjectOf))]
  const together = incidents.length > singles - within || (incidents.length > 1 && due.some(({ heldUntil }) => heldUntil !== null))
  const chosen = new Set(together ? incidents : incidents.slice(0, 1))
  return owed.filter(delivery => chosen.has(subjectOf(delivery)))
}

function subjectOf({ id, incidentId }: Owed): string {
  return incidentId ?? id
}
