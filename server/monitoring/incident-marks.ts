import type { Actor } from '#server/access/access'
import type { IncidentMark } from '#shared/schemas/incident'
import type { TimeWindow } from '#shared/units'

/** What pages say of incidents, asked of whoever keeps them, as far as the reader may know it. */
export interface IncidentMarks {
  /** All that are open; the same list until something changes. */
  open: (actor: Actor) => readonly IncidentMark[]
  openForEndpoint: (actor: Actor, route: { service: string, method: string, routeKey: string }) => readonly IncidentMark[]
  openForService: (actor: Actor, name: string) => readonly IncidentMark[]
  /** Open or past ones that a trace belongs to. */
  ofTrace: (actor: Actor, trace: { traceId: string, startedAt: Date, services: readonly string[], route?: { service: string, method: string, routeKey: string } }) => readonly IncidentMark[]
  /** Windows in which one was open. */
  excluded: () => readonly TimeWindow[]
}

const none: readonly IncidentMark[] = Object.freeze([])
export const noIncidents: IncidentMarks = { open: () => none, openForEndpoint: () => none, openForService: () => none, ofTrace: () => none, excluded: () => [] }

/** An answer that many share, with the same marks added for all who see the same: made once, so that it can be shared in turn. */
export function createMarked<T extends object>() {
  const known = new WeakMap<T, WeakMap<readonly IncidentMark[], T & { incidents: IncidentMark[] }>>()
  return function withMarks(value: T, incidents: readonly IncidentMark[]): T & { incidents: IncidentMark[] } {
    const held = known.get(value) ?? new WeakMap<readonly IncidentMark[], T & { incidents: IncidentMark[] }>()
    known.set(value, held)
    const marked = held.get(incidents) ?? Object.freeze({ ...value, incidents: [...incidents] })
    held.set(incidents, marked)
    return marked
  }
}
