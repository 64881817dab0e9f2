import type { Clock } from '#server/clock'

/** How long one answer may read, ms; and how long at a stretch before others get their turn. */
const longest = 400
const stretch = 12

/** A scan stops when its time is up, and pauses often enough that short questions never wait for a long one. */
export function createBudget(clock: Clock, most = longest) {
  const began = clock.monotonic()
  let paused = began
  return {
    get isSpent(): boolean {
      return clock.monotonic() - began > most
    },
    async breathe(): Promise<void> {
      if (clock.monotonic() - paused < stretch) return
      await new Promise(resolve => setImmediate(resolve))
      paused = clock.monotonic()
    },
  }
}

export type Budget = ReturnType<typeof createBudget>
