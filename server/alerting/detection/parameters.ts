import { MINUTE, SECOND, type Micros, type Millis } from '#shared/units'

/** Width of the steps in which series are read and kept: the finest that the store has. */
export const STEP: Millis = 10 * SECOND

/** T0: an outage at an entry endpoint, seen in seconds. */
export const outage = {
  every: 5 * SECOND,
  /** Two ticks in a row: one burst of failures is none. */
  for: 5 * SECOND,
  keepFiring: 30 * SECOND,
  /** The shortest of these that holds enough completions is judged: a busy endpoint within ten seconds. */
  windows: [10, 15, 20, 30, 45, 60],
  completions: 20,
  /** A p95 of so many times the limit is critical, as on the board. */
  latencyFactor: 4,
  /** Completions down to this share of what is usual, while the calls made on their way go on at this share or more. */
  dropTo: 0.2,
  arrivalsStay: 0.6,
} as const

/** What an endpoint that nobody registered is held to. */
export const unregisteredAvailability = 0.999

export type { Micros }
export { MINUTE }
