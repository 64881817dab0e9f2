import { join } from 'node:path'
import type { Clock } from '#server/clock'
import type { Config } from '#server/config'
import { lockDirectory } from '#server/db/directory-lock'
import { migrateTelemetry } from '#server/db/telemetry/migrate'
import { createEmbeddedLogSource } from './embedded/log-source'
import { createEmbeddedMetricSource } from './embedded/metric-source'
import { createReader, type ReaderVerbs } from './embedded/reader'
import { buffersOf } from './embedded/ingest/packed-traces'
import type { IngestReply, IngestRequest } from './embedded/ingest/scans'
import { startReceiver, type Receiver } from './embedded/receiver'
import type { ScannerVerbs } from './embedded/scanner'
import type { TelemetrySnapshot } from './embedded/snapshot'
import { openForReading, prepareFile } from './embedded/store/open'
import workerUrl from './embedded/store-worker?worker'
import { createEmbeddedTraceSource } from './embedded/trace-source'
import { startWorker, type WorkerClient } from './embedded/worker-port'
import type { WriterVerbs } from './embedded/writer'
import type { LogSource, MetricSource, TraceSource } from './ports'
import { readVolume } from './volume'

export type { IngestKey, TelemetrySnapshot } from './embedded/snapshot'

export type Signal = 'traces' | 'metrics' | 'logs'

/** The running telemetry of one data directory: the three sources, the receiver, the workers and their file. */
export interface Telemetry {
  traces: TraceSource
  metrics: MetricSource
  logs: LogSource
  stats: () => Promise<IngestStats>
  /** Takes effect on the next request; a snapshot older than the held one is ignored. */
  updateSnapshot: (snapshot: TelemetrySnapshot) => void
  /** Told after commits, a few times a second at most; the answer ends it. */
  onCommit: (listener: (commit: Commit) => void) => () => void
  /** Stops accepting, commits what is in flight, ends the workers, lets the directory go. */
  close: () => Promise<void>
}

/** What new telemetry touched: enough to know which answers are old now. */
export interface Commit {
  signals: Signal[]
  services: string[]
  /** Route keys that were called. */
  routes: { service: string, method: string, routeKey: string }[]
  /** At most 500; `more` when there were others. */
  traces: string[]
  more: boolean
  /** Seen for the first time. */
  newRoutes: { service: string, method: string, routeKey: string }[]
  newConsumers: string[]
  newVersions: { service: string, version: string, at: Date }[]
}

/** Numbers of `/admin/sources`: counts of the last month, which the file keeps by the hour. */
export interface IngestStats {
  /** Whether this process owns the directory and so receives. */
  receiving: boolean
  address?: { host: string, port: number }
  accepted: IngestCount[]
  rejected: (IngestCount & { reason: string })[]
  /** Requests turned away before anything was decoded, since the start, by reason: no key, too large, wrong type… */
  refused: { reason: string, count: number, lastAt: Date }[]
  queue: { batches: number, bytes: number, limitBytes: number }
  /** From reading a request's last byte to its commit, over the last minute, ms. */
  lag: { p50?: number, p95?: number }
  /** `volume`: the file system that holds the data directory; absent where it cannot be asked. */
  disk: { bytes: number, usedBytes: number, limitBytes: number, oldestSpan?: Date, oldestLog?: Date, volume?: { bytes: number, freeBytes: number } }
  /** What was taken and what not in each of the last 24 hours, this one too; an hour without either is absent. */
  hours: { at: Date, signal: Signal, accepted: number, rejected: number }[]
  /** Taken a second, on average since the beginning of the hour before this one, or since the service was first seen. */
  rates: { keyId: string, signal: Signal, service: string, perSecond: number }[]
  /** When the first service of all was first seen. */
  since?: Date
  removed: { what: string, rows: number, lastAt: Date }[]
  services: { service: string, signal: Signal, lastReceived: Date }[]
  /** A file of another release that could not be read and was moved aside. */
  setAside?: string
}

export interface IngestCount {
  keyId: string
  signal: Signal
  service: string
  items: number
  lastAt: Date
}

export interface TelemetryOptions {
  config: Pick<Config, 'dataDir' | 'otlp'>
  clock: Clock
  snapshot: TelemetrySnapshot
  /** Signals that are read from another backend: what is sent here of them is rejected with the reason. */
  connected?: Signal[]
  /** Something ended that must not: the process should not go on as if nothing were. */
  onFailure?: (error: Error) => void
}

/**
 * Starts it all, in the order in which it can fail: the lock, the file, the workers, the listener. A process that does
 * not get the lock serves pages from the same file and takes over when the other one is gone.
 */
export async function startTelemetry({ config, clock, snapshot: initial, connected = [], onFailure = () => {} }: TelemetryOptions): Promise<Telemetry> {
  const path = join(config.dataDir, 'telemetry.db')
  const listeners = new Set<(commit: Commit) => void>()
  let snapshot = initial
  let owned: Owned | undefined
  let closing = false

  const release = lockDirectory(config.dataDir)
  const setAside = release ? prepareFile(path, migrateTelemetry) : undefined
  if (release) owned = await own(release)

  const scans = startWorker<ReaderVerbs>(workerUrl, { role: 'reader', path, retention: snapshot.retention })
  await scans.ready
  const db = openForReading(path)
  const near = createReader({ db, clock, retention: snapshot.retention })
  const reader = { ask: scans.ask, near: () => near }
  watch(scans, 'the reading worker ended')

  const stopTrying = release
    ? () => {}
    : clock.every(1_000, () => {
        if (owned || closing) return
        const late = lockDirectory(config.dataDir)
        if (late) own(late).then(started => owned = started, onFailure)
      })

  /** What only the owner of the directory does: write and receive. */
  async function own(release: () => void): Promise<Owned> {
    const writer = startWorker<WriterVerbs>(workerUrl, { role: 'writer', path, snapshot, connected })
    const scanner = startWorker<ScannerVerbs>(workerUrl, { role: 'scanner', snapshot })
    writer.on('committed', value => announce(value as Touched))
    const ingest = async (request: IngestRequest): Promise<IngestReply> => {
      // Lines and points are few against spans: the writer reads them itself.
      const read = request.signal === 'traces' ? await scanner.ask('read', [request], [bufferOf(request)]) : request
      return 'state' in read ? read : writer.ask('ingest', [read], [bufferOf(read), ...read.read ? buffersOf(read.read.traces) : []])
    }
    try {
      await Promise.all([writer.ready, scanner.ready])
      const receiver = config.otlp.port === 0
        ? undefined
        : await startReceiver({ clock, ...config.otlp, snapshot, ingest })
      watch(writer, 'the writing worker ended')
      watch(scanner, 'the scanning worker ended')
      return { writer, scanner, receiver, release }
    }
    catch (error) {
      await Promise.all([writer.terminate(), scanner.terminate()])
      release()
      throw error
    }
  }

  function watch(worker: { ended: Promise<unknown> }, message: string) {
    void worker.ended.then(() => {
      if (!closing) onFailure(new Error(message))
    })
  }

  function announce({ newVersions, ...touched }: Touched) {
    const commit: Commit = { ...touched, newVersions: newVersions.map(entry => ({ ...entry, at: new Date(entry.at) })) }
    for (const listener of listeners) listener(commit)
  }

  return {
    traces: createEmbeddedTraceSource({ reader, clock }),
    metrics: createEmbeddedMetricSource({ reader, clock }),
    logs: createEmbeddedLogSource({ reader, clock }),

    async stats() {
      const [stored, usage, volume] = await Promise.all([scans.ask('stats', []), owned?.writer.ask('usage', []), readVolume(config.dataDir)])
      const { oldestSpan, oldestLog, ...counts } = stored
      const address = owned?.receiver?.address
      return {
        receiving: owned?.receiver !== undefined,
        ...(address && { address: { host: address.address, port: address.port } }),
        ...counts,
        ...owned?.receiver?.stats() ?? { refused: [], queue: { batches: 0, bytes: 0, limitBytes: 0 }, lag: {} },
        disk: { bytes: 0, usedBytes: 0, ...usage, limitBytes: snapshot.retention.maxBytes, ...(oldestSpan && { oldestSpan }), ...(oldestLog && { oldestLog }), ...(volume && { volume }) },
        ...(setAside !== undefined && { setAside }),
      }
    },

    updateSnapshot(next) {
      if (next.version < snapshot.version) return
      snapshot = next
      owned?.receiver?.setSnapshot(next)
      owned?.scanner.ask('setSnapshot', [next]).catch(onFailure)
      owned?.writer.ask('setSnapshot', [next]).catch(onFailure)
    },

    onCommit(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    async close() {
      closing = true
      stopTrying()
      await owned?.receiver?.close()
      await owned?.writer.ask('close', [])
      await Promise.all([owned?.writer.terminate(), owned?.scanner.terminate(), scans.terminate()])
      db.close()
      owned?.release()
    },
  }
}

interface Owned {
  writer: WorkerClient<WriterVerbs>
  scanner: WorkerClient<ScannerVerbs>
  receiver: Receiver | undefined
  release: () => void
}

/** A body has memory of its own, which moves from thread to thread. */
function bufferOf({ body }: IngestRequest): ArrayBuffer {
  return body.buffer as ArrayBuffer
}

type Touched = Omit<Commit, 'newVersions'> & { newVersions: { service: string, version: string, at: number }[] }
