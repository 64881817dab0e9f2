import type { Database } from 'better-sqlite3'
import type { Clock } from '#server/clock'

/** Pages of the log that are worth a copy: fewer would write the same busy pages again and again. */
export const CHECKPOINT_PAGES = 4_096
/** A pass takes what was there when it began; the next ones what came meanwhile, until the log can begin anew. */
const PASSES = 8

export type CheckpointVerbs = ReturnType<typeof createCheckpoints>

/**
 * Brings committed pages from the log into the file while the writer goes on writing: done by the writer itself, every
 * batch of a busy minute would wait for two syncs of the disk. What stays behind is caught at `LOG_PAGES` (open.ts).
 */
export function createCheckpoints({ db, clock }: { db: Database, clock: Clock }) {
  const pending = (mode: 'NOOP' | 'PASSIVE') => {
    const [{ log, checkpointed }] = db.pragma(`wal_checkpoint(${mode})`) as [{ log: number, checkpointed: number }]
    return { log, left: log - checkpointed }
  }

  function run() {
    if (pending('NOOP').log < CHECKPOINT_PAGES) return
    for (let pass = 0; pass < PASSES && pending('PASSIVE').left > 0; pass++);
  }

  const stop = clock.every(250, run)

  return {
    /** Before the writer's own: the last one to let go of the file tidies up. */
    close(): void {
      stop()
      db.close()
    },
  }
}
