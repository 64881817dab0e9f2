import { MINUTE, SECOND, type Millis } from '#shared/units'

export interface Failures {
  failures: number
  since: Date
  blockedUntil: Date | null
}

export interface Limit {
  /** This many failures within the window start the block. */
  failures: number
  window: Millis
  /** How long the n-th failure beyond the limit blocks. */
  block: (beyond: number) => Millis
}

/** Doubles from 1 s to 15 min, so that a person who mistypes waits little and a guesser gets nowhere. */
export const accountLimit: Limit = { failures: 5, window: 15 * MINUTE, block: beyond => Math.min(SECOND * 2 ** beyond, 15 * MINUTE) }
export const addressLimit: Limit = { failures: 30, window: 3 * MINUTE, block: () => 15 * MINUTE }

/** The state after one more failure now. */
export function fail(before: Failures | undefined, limit: Limit, now: Date): Failures {
  const current = before && !isForgotten(before, limit, now) ? before : { failures: 0, since: now, blockedUntil: null }
  const failures = current.failures + 1
  const beyond = failures - limit.failures
  return { failures, since: current.since, blockedUntil: beyond >= 0 ? new Date(now.getTime() + limit.block(beyond)) : null }
}

export function secondsBlocked(state: Failures | undefined, now: Date): number {
  const left = (state?.blockedUntil?.getTime() ?? 0) - now.getTime()
  return left > 0 ? Math.ceil(left / SECOND) : 0
}

/** Once blocked, the count stands until one window after the block ended: otherwise waiting would start from 1 s again. */
export function isForgotten({ since, blockedUntil }: Failures, limit: Limit, now: Date): boolean {
  return now.getTime() - (blockedUntil ?? since).getTime() > limit.window
}
