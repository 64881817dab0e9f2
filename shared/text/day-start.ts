import { zoneOffset } from '../chart/time-ticks'
import { DAY } from '../units'

/** When a day (`2026-11-23`), or one so many days later, begins in a zone. */
export function dayStart(day: string, zone: string, later = 0): Date {
  return timeOf(day, '00:00', zone, later)
}

/** When clocks in a zone show this time (`22:30`) on a day, or so many days later. */
export function timeOf(day: string, clock: string, zone: string, later = 0): Date {
  const inUtc = Date.parse(`${day}T${clock}:00Z`) + later * DAY
  // The distance from UTC at that moment; asked again at the answer, because clocks are put forward at night.
  const first = inUtc - zoneOffset(zone, new Date(inUtc))
  return new Date(inUtc - zoneOffset(zone, new Date(first)))
}

/** The day it is in a zone at a moment, as `2026-11-23`. */
export function dayIn(zone: string, at: Date): string {
  return new Date(at.getTime() + zoneOffset(zone, at)).toISOString().slice(0, 10)
}
