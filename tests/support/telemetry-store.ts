import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { migrateTelemetry } from '#server/db/telemetry/migrate'
import { createEmbeddedLogSource } from '#server/telemetry/embedded/log-source'
import { createEmbeddedMetricSource } from '#server/telemetry/embedded/metric-source'
import type { IngestReply } from '#server/telemetry/embedded/ingest/scans'
import { createReader, type ReaderVerbs } from '#server/telemetry/embedded/reader'
import { createScanner } from '#server/telemetry/embedded/scanner'
import type { TelemetrySnapshot } from '#server/telemetry/embedded/snapshot'
import { openForReading, openForWriting, prepareFile } from '#server/telemetry/embedded/store/open'
import { createStore } from '#server/telemetry/embedded/store/store'
import { createEmbeddedTraceSource } from '#server/telemetry/embedded/trace-source'
import { Moved, type Ask } from '#server/telemetry/worker-port'
import type { Signal } from '#server/telemetry/telemetry'
import { createFakeClock, type FakeClock } from './fake-clock'
import { encode } from './otlp/proto'

export const key = { id: 'key-1', digest: '', scopes: ['telemetry' as const], samplingRatio: 1 }

export function snapshot(changes: Partial<TelemetrySnapshot> = {}): TelemetrySnapshot {
  return {
    version: 1, keys: [key], routes: [], consumerAttributes: ['api.client.id'], maskedKeys: ['authorization', 'cookie', 'password', 'token', 'secret', 'api-key'],
    retention: { spansDays: 7, logsDays: 7, maxBytes: 10e9, rollup10sDays: 2, rollup1mDays: 15, rollup10mDays: 400 },
    ...changes,
  }
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/**
 * The embedded store on a temporary file, without threads but with what passes between them: what goes in with `send`
 * is read by the three sources.
 */
export function createTelemetryStore(options: { clock?: FakeClock, snapshot?: Partial<TelemetrySnapshot>, connected?: Signal[], path?: string } = {}) {
  const clock = options.clock ?? createFakeClock()
  const path = options.path ?? join(temporaryFolder(), 'telemetry.db')
  const held = snapshot(options.snapshot)
  prepareFile(path, migrateTelemetry)
  const db = openForWriting(path)
  const store = createStore({ db, clock, snapshot: held, connected: options.connected })
  const scanner = createScanner({ clock, snapshot: held })
  const readDb = openForReading(path)
  const verbs = createReader({ db: readDb, clock, retention: held.retention })
  const ask = (async (verb: keyof ReaderVerbs, args: unknown[]) => {
    const value = await (verbs[verb] as (...args: unknown[]) => unknown)(...args)
    return value instanceof Moved ? value.value : value
  }) as Ask<ReaderVerbs>
  const reader = { ask, near: () => verbs }
  onTestFinished(() => {
    readDb.close()
    db.close()
  })
  return {
    db, clock, store, scanner, verbs, path,
    traces: createEmbeddedTraceSource({ reader, clock }),
    metrics: createEmbeddedMetricSource({ reader, clock }),
    logs: createEmbeddedLogSource({ reader, clock }),

    send(signal: Signal, request: object, { keyId = key.id, encoding = 'protobuf' as 'protobuf' | 'json' } = {}): IngestReply {
      const body = encoding === 'json' ? Buffer.from(JSON.stringify(request)) : encode(signal, request)
      const sent = { signal, encoding, body, keyId }
      const read = signal === 'traces' ? structuredClone(scanner.read(sent).value) : sent
      return 'state' in read ? read : store.ingest([read])[0]!
    },
  }
}
