import type { Database } from 'better-sqlite3'
import type { Clock } from '#server/clock'
import type { Signal } from '../../telemetry'
import type { Rejections } from '../ingest/rejections'
import { createScans, type IngestReply, type IngestRequest, type Scanned } from '../ingest/scans'
import type { TelemetrySnapshot } from '../snapshot'
import { createRetention } from './retention'
import { createState, type State } from './state'

interface Options {
  db: Database
  clock: Clock
  snapshot: TelemetrySnapshot
  /** Signals read from another backend: taken, counted and thrown away. */
  connected?: Signal[]
}

/** Bytes of the file that control data may need; SQLite's own error where a disk is full. */
const full = new Set(['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_EXTEND'])

export type Store = ReturnType<typeof createStore>

/**
 * The writing side of the embedded store. Knows nothing of threads: the worker hangs it behind its messages, tests
 * and replay call it as it is.
 */
export function createStore({ db, clock, snapshot: initial, connected = [] }: Options) {
  let snapshot = initial
  const scans = createScans(snapshot)
  let state = open()
  const retention = createRetention(db)
  const findBatch = db.prepare('insert or ignore into batches (digest, arrived_at) values (?, ?)')

  /** `before`: what it takes the place of, where all that was told of stands. */
  function open(before?: State): State {
    const opened = createState(db, clock.now().getTime(), before?.touched)
    if (before) opened.dictionary.firstSights = before.dictionary.firstSights
    opened.dictionary.setTemplates(snapshot.routes)
    return opened
  }

  /** Inside a transaction. */
  function write(request: IngestRequest, scanned: Scanned, now: number): IngestReply {
    const { keyId, signal } = request
    const { rejected } = scanned.batch
    if (connected.includes(signal)) return reject(scanned, keyId)
    if (request.body.length > 0 && findBatch.run(scanned.digest, now).changes === 0) return { state: 'stored', rejected: rejected.total, message: rejected.message }

    const weight = 1 / (snapshot.keys.find(entry => entry.id === keyId)?.samplingRatio || 1)
    const accepted = scanned.signal === 'traces'
      ? state.traces.write(scanned.batch.groups, weight, now)
      : scanned.signal === 'logs'
        ? state.logs.write(scanned.batch.lines, now)
        : state.points.write(scanned.batch.points, rejected, now)
    for (const [{ name }, items] of accepted) state.intake.add(keyId, signal, name, '', items)
    count(rejected, keyId, signal)
    if (accepted.size > 0) state.touched.signal(signal)
    return { state: 'stored', rejected: rejected.total, message: rejected.message }
  }

  function reject(scanned: Scanned, keyId: string): IngestReply {
    const { rejected } = scanned.batch
    for (const item of itemsOf(scanned)) rejected.add(item.resource.service, 'signal_connected')
    count(rejected, keyId, scanned.signal)
    return { state: 'stored', rejected: rejected.total, message: rejected.message }
  }

  function count(rejected: Rejections, keyId: string, signal: Signal) {
    for (const { service, reason, count: items } of rejected.list) state.intake.add(keyId, signal, service, reason, items)
  }

  function flush(now: number) {
    state.requests.flush()
    state.operations.flush()
    state.errors.flush()
    state.dictionary.flush()
    state.intake.flush(now)
  }

  return {
    /** Several requests in one transaction; each has its own answer, and none is `stored` before the commit. */
    ingest(batch: IngestRequest[]): IngestReply[] {
      const now = clock.now().getTime()
      state.spanIds.turnOver(now)
      const scanned = batch.map(request => scans.scan(request, now))
      try {
        db.exec('begin immediate')
        const replies = scanned.map((entry, index) => 'state' in entry ? entry : write(batch[index]!, entry, now))
        flush(now)
        db.exec('commit')
        return replies
      }
      catch (error) {
        if (db.inTransaction) db.exec('rollback')
        state = open()
        if (isFull(error)) retention.makeRoom(now)
        return scanned.map(entry => 'state' in entry ? entry : { state: 'busy', message: 'the store cannot write now' })
      }
    },

    setSnapshot(next: TelemetrySnapshot) {
      if (next.version < snapshot.version) return
      snapshot = next
      scans.setSnapshot(next)
      state.dictionary.setTemplates(snapshot.routes)
    },

    /** What commits touched since it was last asked. */
    takeTouched() {
      return { ...state.touched.take(), ...firstSights() }
    },

    /** A small step of what has to be done now and then; true while there is more. */
    maintain(): boolean {
      const now = clock.now().getTime()
      state.requests.forget()
      state.operations.forget()
      state.consumers.forget(now)
      try {
        const { more, removed } = retention.step(now, snapshot.retention)
        if (removed.traces) state.summaries.forget()
        if (removed.named) state = open(state)
        return more
      }
      catch (error) {
        // To take away is to write, too. The next round tries again.
        if (isFull(error)) return false
        throw error
      }
    },

    usage: () => retention.usage(),
  }

  function firstSights() {
    const { routes, consumers, versions } = state.dictionary.takeFirstSights()
    return { newRoutes: routes, newConsumers: consumers, newVersions: versions }
  }
}

function isFull(error: unknown): boolean {
  return full.has((error as { code?: string }).code ?? '')
}

function* itemsOf(scanned: Scanned) {
  if (scanned.signal === 'traces') for (const group of scanned.batch.groups) yield* group.spans
  else if (scanned.signal === 'logs') yield* scanned.batch.lines
  else yield* scanned.batch.points
}
