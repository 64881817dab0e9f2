import { DAY, HOUR, MINUTE, SECOND, type Millis } from '#shared/units'

/** When a message is tried again, counted from its first try; after the last it is given up. */
export const tries: readonly Millis[] = [10 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, DAY]

/** A try is over by then, whatever became of who made it. */
export const claim: Millis = 30 * SECOND

/**
 * The time of the next try; undefined when there is none. `random` (0 to 1) spreads those of many messages over a tenth
 * of the wait; a receiver that asked for a pause gets it, within the same day.
 */
export function nextTry({ first, now, pause = 0, random }: { first: Date, now: Date, pause?: Millis, random: number }): Date | undefined {
  const passed = now.getTime() - first.getTime()
  const planned = tries.find(offset => offset > passed)
  if (planned === undefined) return undefined
  const spread = (planned - passed) * 0.1 * random
  return new Date(Math.min(Math.max(first.getTime() + planned + spread, now.getTime() + pause), first.getTime() + 1.1 * DAY))
}
