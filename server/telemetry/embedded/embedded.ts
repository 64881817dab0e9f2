import { join } from 'node:path'
import type { Clock } from '#server/clock'
import type { Config } from '#server/config'
import { lockDirectory } from '#server/db/directory-lock'
import { migrateTelemetry } from '#server/db/telemetry/migrate'
import type { LogSource, MetricSource, TraceSource } from '../ports'
import type { Commit, IngestStats, Signal } from '../telemetry'
import { startWorker, type WorkerClient } from '../worker-port'
import type { CheckpointVerbs } from './checkpoints'
import { createCommits, type Touched } from './commits'
import { createEmbeddedLogSource } from './log-source'
import { createEmbeddedMetricSource } from './metric-source'
import { createReader, type ReaderVerbs } from './reader'
import { buffersOf } from './ingest/packed-traces'
import type { IngestReply, IngestRequest } from './ingest/scans'
import { startReceiver, type Receiver } from './receiver'
import type { ScannerVerbs } from './scanner'
import type { TelemetrySnapshot } from './snapshot'
import { openForReading, prepareFile } from './store/open'
import workerUrl from './store-worker?worker'
import { createEmbeddedTraceSource } from './trace-source'
import { readVolume } from '../volume'
import type { WriterVerbs } from './writer'

/** The running store of one data directory: its three sources, the receiver, the workers and their file. */
export interface Embedded {
  traces: TraceSource
  metrics: MetricSource
  logs: LogSource
  /** Whether this process owns the directory. */
  receives: () => boolean
  stats: () => Promise<IngestStats>
  updateSnapshot: (snapshot: TelemetrySnapshot) => void
  onCommit: (listener: (commit: Commit) => void) => () => void
  close: () => Promise<void>
}

export interface EmbeddedOptions {
  config: Pick<Config, 'dataDir' | 'otlp'>
  clock: Clock
  snapshot: TelemetrySnapshot
  /** What is sent here of these signals is rejected with the reason: they are read from elsewhere. */
  connected: Signal[]
  onFailure: (error: Error) => void
}

/**
 * Starts it all, in the order in which it can fail: the lock, the file, the workers, the listener. A process that does
 * not get the lock serves pages from the same file and takes over when the other one is gone.
 */
export async function startEmbedded({ config, clock, snapshot: initial, connected, onFailure }: EmbeddedOptions): Promise<Embedded> {
  const path = join(config.dataDir, 'telemetry.db')
  const { announce, onCommit } = createCommits()
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
        if (late) own(late).then(takeOver, onFailure)
      })

  /** What only the owner of the directory does: write and receive. */
  async function own(release: () => void): Promise<Owned> {
    const writer = startWorker<WriterVerbs>(workerUrl, { role: 'writer', path, snapshot, connected })
    const scanner = startWorker<ScannerVerbs>(workerUrl, { role: 'scanner', snapshot })
    const checkpoints = startWorker<CheckpointVerbs>(workerUrl, { role: 'checkpoints', path })
    writer.on('committed', value => announce(value as Touched))
    const ingest = async (request: IngestRequest): Promise<IngestReply> => {
      // Lines and points are few against spans: the writer reads them itself.
      const read = request.signal === 'traces' ? await scanner.ask('read', [request], [bufferOf(request)]) : request
      return 'state' in read ? read : writer.ask('ingest', [read], [bufferOf(read), ...read.read ? buffersOf(read.read.traces) : []])
    }
    try {
      await Promise.all([writer.ready, scanner.ready, checkpoints.ready])
      const { host, port, grpcPort } = config.otlp
      const receiver = port === 0 && grpcPort === 0
        ? undefined
        : await startReceiver({ clock, host, ports: { http: port || undefined, grpc: grpcPort || undefined }, snapshot, ingest })
      watch(writer, 'the writing worker ended')
      watch(scanner, 'the scanning worker ended')
      watch(checkpoints, 'the checkpointing worker ended')
      return { writer, scanner, checkpoints, receiver, release }
    }
    catch (error) {
      await Promise.all([writer.terminate(), scanner.terminate(), checkpoints.terminate()])
      release()
      throw error
    }
  }

  /** Keys and routes may have changed since the workers were told what they begin with. */
  function takeOver(started: Owned) {
    owned = started
    shareSnapshot()
  }

  function shareSnapshot() {
    owned?.receiver?.setSnapshot(snapshot)
    owned?.scanner.ask('setSnapshot', [snapshot]).catch(onFailure)
    owned?.writer.ask('setSnapshot', [snapshot]).catch(onFailure)
  }

  function watch(worker: { ended: Promise<unknown> }, message: string) {
    void worker.ended.then(() => {
      if (!closing) onFailure(new Error(message))
    })
  }

  return {
    traces: createEmbeddedTraceSource({ reader, clock }),
    metrics: createEmbeddedMetricSource({ reader, clock }),
    logs: createEmbeddedLogSource({ reader, clock }),
    receives: () => owned !== undefined,

    async stats() {
      const [stored, usage, volume] = await Promise.all([scans.ask('stats', []), owned?.writer.ask('usage', []), readVolume(config.dataDir)])
      const { oldestSpan, oldestLog, ...counts } = stored
      const { address, grpcAddress } = owned?.receiver ?? {}
      return {
        receiving: owned?.receiver !== undefined,
        ...(address && { address: { host: address.address, port: address.port } }),
        ...(grpcAddress && { grpcAddress: { host: grpcAddress.address, port: grpcAddress.port } }),
        ...counts,
        ...owned?.receiver?.stats() ?? { refused: [], queue: { batches: 0, bytes: 0, limitBytes: 0 }, lag: {} },
        disk: { bytes: 0, usedBytes: 0, ...usage, limitBytes: snapshot.retention.maxBytes, ...(oldestSpan && { oldestSpan }), ...(oldestLog && { oldestLog }), ...(volume && { volume }) },
        ...(setAside !== undefined && { setAside }),
      }
    },

    updateSnapshot(next) {
      if (next.version < snapshot.version) return
      snapshot = next
      shareSnapshot()
    },

    onCommit,

    async close() {
      closing = true
      stopTrying()
      await owned?.receiver?.close()
      await owned?.checkpoints.ask('close', [])
      await owned?.writer.ask('close', [])
      await Promise.all([owned?.writer.terminate(), owned?.scanner.terminate(), owned?.checkpoints.terminate(), scans.terminate()])
      db.close()
      owned?.release()
    },
  }
}

interface Owned {
  writer: WorkerClient<WriterVerbs>
  scanner: WorkerClient<ScannerVerbs>
  checkpoints: WorkerClient<CheckpointVerbs>
  receiver: Receiver | undefined
  release: () => void
}

/** A body has memory of its own, which moves from thread to thread. */
function bufferOf({ body }: IngestRequest): ArrayBuffer {
  return body.buffer as ArrayBuffer
}
