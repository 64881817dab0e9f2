import { fdatasync, openSync } from 'node:fs'
import type { Database } from 'better-sqlite3'
import type { Clock } from '#server/clock'
import type { Signal } from '../telemetry'
import type { IngestReply, IngestRequest } from './ingest/scans'
import type { TelemetrySnapshot } from './snapshot'
import { createStore } from './store/store'

/** Bytes of one transaction: enough to share a commit, little enough to answer soon. */
const mostBytes = 8 * 1024 * 1024
const mostBatches = 32

export interface WriterOptions {
  db: Database
  clock: Clock
  snapshot: TelemetrySnapshot
  connected: Signal[]
  tell: (event: 'committed', value: unknown) => void
}

export type WriterVerbs = ReturnType<typeof createWriter>

/**
 * What the main thread may ask of the writing worker. Batches that arrive while one is being written share the next
 * transaction, so that many small senders cost no more than a large one.
 */
export function createWriter({ db, clock, snapshot, connected, tell }: WriterOptions) {
  const store = createStore({ db, clock, snapshot, connected })
  const queue: { request: IngestRequest, reply: (reply: IngestReply) => void }[] = []
  const closers: (() => void)[] = []
  let scheduled = false
  let unsynced = false
  let log: number | undefined

  function drain() {
    scheduled = false
    let bytes = 0
    let count = 0
    while (count < queue.length && count < mostBatches && (count === 0 || bytes < mostBytes)) bytes += queue[count++]!.request.body.length
    const taken = queue.splice(0, count)
    if (taken.length === 0) return
    const replies = store.ingest(taken.map(({ request }) => request))
    unsynced = true
    for (const [index, { reply }] of taken.entries()) reply(replies[index]!)
    schedule()
  }

  function schedule() {
    if (scheduled || queue.length === 0) return
    scheduled = true
    setImmediate(drain)
  }

  /** A commit is in the system's hands at once and on the disk within a second: a power cut loses no more. */
  function sync() {
    if (!unsynced) return
    unsynced = false
    log ??= openSync(`${db.name}-wal`, 'r')
    fdatasync(log, () => {})
  }

  /** Small steps with pauses between them, for as long as there is something to do and nobody waits. */
  function maintain() {
    if (queue.length > 0) return
    if (store.maintain()) setImmediate(maintain)
  }

  function announce() {
    const touched = store.takeTouched()
    if (touched.signals.length > 0) tell('committed', touched)
  }

  closers.push(clock.every(1_000, sync), clock.every(2_000, maintain), clock.every(250, announce))

  return {
    ingest(request: IngestRequest): Promise<IngestReply> {
      return new Promise((reply) => {
        queue.push({ request, reply })
        schedule()
      })
    },

    setSnapshot: store.setSnapshot,
    usage: store.usage,

    /** Commits what is in hand and lets the file go. */
    close(): void {
      while (queue.length > 0) drain()
      announce()
      for (const close of closers) close()
      db.pragma('wal_checkpoint(TRUNCATE)')
      db.close()
    },
  }
}
