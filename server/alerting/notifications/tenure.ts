import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import { SECOND, type Millis } from '#shared/units'
import { createLease } from '../lease'

/** A holder that shows no life for so long is taken for dead. */
const patience: Millis = 15 * SECOND
const beat: Millis = 5 * SECOND

export interface Tenure {
  /** Whether this process is the one that sends; shows life now and then. */
  holds: () => boolean
  release: () => void
}

/** One of several processes sends: two would send everything twice. */
export function createTenure({ db, clock }: { db: Database, clock: Clock }): Tenure {
  const lease = createLease({ db, clock, name: 'notifications', patience })
  let shownAt = Number.NEGATIVE_INFINITY

  return {
    holds() {
      if (!lease.acquire()) return false
      if (clock.monotonic() - shownAt < beat) return true
      const ours = db.transaction(tx => lease.holds(tx), { behavior: 'immediate' })
      if (ours) shownAt = clock.monotonic()
      return ours
    },
    release: () => lease.release(),
  }
}
