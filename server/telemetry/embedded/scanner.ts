import type { Clock } from '#server/clock'
import { buffersOf, packTraces } from './ingest/packed-traces'
import { createScans, type IngestReply, type IngestRequest } from './ingest/scans'
import type { TelemetrySnapshot } from './snapshot'
import { Moved } from '../worker-port'

export type ScannerVerbs = ReturnType<typeof createScanner>

/** Reads batches of spans ahead of the writing worker, which has enough to do with writing them. */
export function createScanner({ clock, snapshot: initial }: { clock: Clock, snapshot: TelemetrySnapshot }) {
  const scans = createScans(initial)
  let { version } = initial

  return {
    /** The request as the writer takes it, or why it is refused. */
    read(request: IngestRequest): Moved<IngestRequest | IngestReply> {
      const scanned = scans.scan(request, clock.now().getTime())
      if ('state' in scanned) return new Moved(scanned, [])
      if (scanned.signal !== 'traces') return new Moved(request, [request.body.buffer as ArrayBuffer])
      const { digest, body } = scanned
      const traces = packTraces(scanned.batch, body)
      return new Moved({ ...request, encoding: 'protobuf', body, read: { digest, traces } }, [body.buffer as ArrayBuffer, ...buffersOf(traces)])
    },

    setSnapshot(next: TelemetrySnapshot) {
      if (next.version < version) return
      version = next.version
      scans.setSnapshot(next)
    },
  }
}
