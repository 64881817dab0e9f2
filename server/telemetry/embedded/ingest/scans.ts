import { hash } from 'node:crypto'
import type { Signal } from '../../telemetry'
import type { Encoding } from '../otlp/answer'
import { jsonToWire, logRequest, metricRequest, traceRequest } from '../otlp/json-to-wire'
import { MalformedBody } from '../otlp/wire'
import type { TelemetrySnapshot } from '../snapshot'
import { AttributeKeys } from './attribute-keys'
import { unpackTraces, type PackedTraces } from './packed-traces'
import { BodyTooLarge } from './rejections'
import { LogScanner, type LogBatch } from './scan-logs'
import { MetricScanner, type MetricBatch } from './scan-metrics'
import { Resources } from './scan-resource'
import { TraceScanner, type ScanLimits, type TraceBatch } from './scan-traces'
import { Texts } from './texts'

export interface IngestRequest {
  signal: Signal
  encoding: Encoding
  /** Decompressed. */
  body: Uint8Array
  keyId: string
  /** Of traces that another thread has read: `body` is what the spans' bytes lie in. */
  read?: { digest: Uint8Array, traces: PackedTraces }
}

export type IngestReply
  = | { state: 'stored', rejected: number, message: string }
    | { state: 'malformed' | 'too_large' | 'busy', message: string }

/** `body` is what the items' bytes lie in. */
export type Scanned = { digest: Uint8Array, body: Uint8Array }
  & ({ signal: 'traces', batch: TraceBatch } | { signal: 'logs', batch: LogBatch } | { signal: 'metrics', batch: MetricBatch })

const messages = { traces: traceRequest, logs: logRequest, metrics: metricRequest }

/** Reads requests by the rules of the snapshot. Touches no file, so that it runs on any thread. */
export function createScans(initial: TelemetrySnapshot) {
  let snapshot = initial
  let scanners = createScanners(snapshot)

  return {
    /** What a request brings, or why it is refused. */
    scan(request: IngestRequest, now: number): Scanned | IngestReply {
      const { signal, encoding, body, read } = request
      if (read) return { signal: 'traces', digest: read.digest, body, batch: unpackTraces(read.traces, body) }
      const limits = limitsOf(request, snapshot, now)
      const digest = digestOf(request)
      try {
        const wire = encoding === 'json' ? jsonToWire(body, messages[signal]) : body
        switch (signal) {
          case 'traces':
            return { signal, digest, body: wire, batch: scanners.traces.scan(wire, limits) }
          case 'logs':
            return { signal, digest, body: wire, batch: scanners.logs.scan(wire, limits) }
          case 'metrics':
            return { signal, digest, body: wire, batch: scanners.metrics.scan(wire, limits) }
        }
      }
      catch (error) {
        if (error instanceof MalformedBody) return { state: 'malformed', message: error.message }
        if (error instanceof BodyTooLarge) return { state: 'too_large', message: error.message }
        throw error
      }
    },

    setSnapshot(next: TelemetrySnapshot) {
      const changed = String(next.maskedKeys) !== String(snapshot.maskedKeys) || String(next.consumerAttributes) !== String(snapshot.consumerAttributes)
      snapshot = next
      if (changed) scanners = createScanners(snapshot)
    },
  }
}

function createScanners(snapshot: TelemetrySnapshot) {
  const keys = new AttributeKeys(snapshot)
  const resources = new Resources()
  return {
    traces: new TraceScanner({ keys, texts: new Texts(), resources }),
    logs: new LogScanner({ keys, resources }),
    metrics: new MetricScanner({ keys, resources }),
  }
}

function limitsOf({ signal, keyId }: IngestRequest, { keys, retention }: TelemetrySnapshot, now: number): ScanLimits {
  const key = keys.find(entry => entry.id === keyId)
  const services = key?.services && new Set(key.services.map(name => name.toLowerCase()))
  return {
    now,
    days: signal === 'logs' ? retention.logsDays : retention.spansDays,
    allows: service => !services || services.has(service),
  }
}

/** The same bytes may be a batch of two signals. */
function digestOf({ signal, body }: IngestRequest): Uint8Array {
  const digest = Uint8Array.from(hash('sha1', body, 'buffer').subarray(0, 16))
  digest[0]! ^= signal.length
  return digest
}
