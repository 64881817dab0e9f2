/** Whole microseconds: span starts since the epoch, durations. Safe as a number until the year 2255. */
export type Micros = number
/** Milliseconds: intervals, steps, limits people set. */
export type Millis = number
/** Nanoseconds since the epoch as they arrived; only storage and log ordering need them. */
export type Nanos = bigint

export const SECOND: Millis = 1_000
export const MINUTE: Millis = 60 * SECOND
export const HOUR: Millis = 60 * MINUTE
export const DAY: Millis = 24 * HOUR

/** Half open: `from` belongs to it, `to` does not. */
export interface TimeWindow {
  from: Date
  to: Date
}
