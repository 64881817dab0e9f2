import { join } from 'node:path'
import type { Clock } from '#server/clock'
import { migrateTelemetry } from '#server/db/telemetry/migrate'
import type { LogSource, MetricSource, TraceSource } from '../ports'
import type { Commit, Signal } from '../telemetry'
import { Moved, type Ask } from '../worker-port'
import { createCommits } from './commits'
import type { IngestReply } from './ingest/scans'
import { createEmbeddedLogSource } from './log-source'
import { createEmbeddedMetricSource } from './metric-source'
import { createReader, type ReaderVerbs } from './reader'
import type { TelemetrySnapshot } from './snapshot'
import { openForReading, openForWriting, prepareFile } from './store/open'
import { createStore } from './store/store'
import { createEmbeddedTraceSource } from './trace-source'

export interface InThreadTelemetry {
  traces: TraceSource
  metrics: MetricSource
  logs: LogSource
  /** OTLP/JSON export requests in one transaction; told of as a commit before the answer. */
  ingest: (batch: { signal: Signal, body: Uint8Array }[]) => IngestReply[]
  updateSnapshot: (snapshot: TelemetrySnapshot) => void
  onCommit: (listener: (commit: Commit) => void) => () => void
  close: () => void
}

/**
 * The embedded store without its threads, on a file that nobody will miss: the same writing, reading and housekeeping,
 * all by one clock, so that a recording gives the same answers each time. What is asked of it is answered before
 * anything else happens.
 */
export function openInThread({ directory, clock, snapshot }: { directory: string, clock: Clock, snapshot: TelemetrySnapshot }): InThreadTelemetry {
  const path = join(directory, 'telemetry.db')
  prepareFile(path, migrateTelemetry)
  const db = openForWriting(path)
  db.pragma('synchronous = OFF')
  const store = createStore({ db, clock, snapshot })
  const readDb = openForReading(path)
  const verbs = createReader({ db: readDb, clock, retention: snapshot.retention })
  const ask = (async (verb: keyof ReaderVerbs, args: unknown[]) => {
    const value = await (verbs[verb] as (...args: unknown[]) => unknown)(...args)
    return value instanceof Moved ? value.value : value
  }) as Ask<ReaderVerbs>
  const reader = { ask, near: () => verbs }
  const { announce, onCommit } = createCommits()
  const stop = clock.every(2_000, () => {
    while (store.maintain());
  })

  return {
    traces: createEmbeddedTraceSource({ reader, clock }),
    metrics: createEmbeddedMetricSource({ reader, clock }),
    logs: createEmbeddedLogSource({ reader, clock }),
    ingest(batch) {
      const replies = store.ingest(batch.map(({ signal, body }) => ({ signal, body, encoding: 'json', keyId: '' })))
      const touched = store.takeTouched()
      if (touched.signals.length > 0) announce(touched)
      return replies
    },
    updateSnapshot: store.setSnapshot,
    onCommit,
    close() {
      stop()
      readDb.close()
      db.close()
    },
  }
}
