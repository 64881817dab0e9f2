import { eq } from 'drizzle-orm'
import { randomUUID } from 'node:crypto'
import type { Clock } from '#server/clock'
import type { Database, Transaction } from '#server/db/client'
import { evaluationLeases } from '#server/db/control/schema'
import type { Millis } from '#shared/units'

export interface Lease {
  /** Takes the lease where it is free or its holder has died; true while we have it. */
  acquire: () => boolean
  /** Inside the transaction that must be ours: false where another has taken over meanwhile. Says that we live, too. */
  holds: (tx: Transaction) => boolean
  release: () => void
}

/**
 * One of several processes on one control file does the work. That a holder is dead is seen by its beat standing still
 * for `patience` by the watcher's own monotonic clock, so that no jump of the wall clock makes or breaks a lease. What a
 * holder that was only slow still does is refused by its fence.
 */
export function createLease({ db, clock, name, patience }: { db: Database, clock: Clock, name: string, patience: Millis }): Lease {
  const holder = randomUUID()
  let fence: number | undefined
  let seen: { fence: number, beat: number, at: number } | undefined

  const read = (tx: Database | Transaction) => tx.select().from(evaluationLeases).where(eq(evaluationLeases.name, name)).get()

  function isDead(row: { holder: string | null, fence: number, beat: number }): boolean {
    if (row.holder === null) return true
    const now = clock.monotonic()
    if (seen?.fence !== row.fence || seen.beat !== row.beat) seen = { fence: row.fence, beat: row.beat, at: now }
    return now - seen.at >= patience
  }

  return {
    acquire() {
      const row = read(db)
      if (row && row.holder === holder && row.fence === fence) return true
      fence = undefined
      if (row && !isDead(row)) return false
      db.transaction((tx) => {
        const current = read(tx)
        // Another one was quicker.
        if (current?.fence !== row?.fence || current?.beat !== row?.beat) return
        const next = { name, holder, fence: (current?.fence ?? 0) + 1, beat: (current?.beat ?? 0) + 1 }
        tx.insert(evaluationLeases).values(next).onConflictDoUpdate({ target: evaluationLeases.name, set: next }).run()
        fence = next.fence
      }, { behavior: 'immediate' })
      return fence !== undefined
    },

    holds(tx) {
      const row = read(tx)
      if (fence === undefined || row?.holder !== holder || row.fence !== fence) return false
      tx.update(evaluationLeases).set({ beat: row.beat + 1 }).where(eq(evaluationLeases.name, name)).run()
      return true
    },

    release() {
      db.transaction((tx) => {
        const row = read(tx)
        if (row?.holder === holder) tx.update(evaluationLeases).set({ holder: null }).where(eq(evaluationLeases.name, name)).run()
      }, { behavior: 'immediate' })
      fence = undefined
    },
  }
}
