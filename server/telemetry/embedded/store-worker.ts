import { parentPort, workerData } from 'node:worker_threads'
import { createSystemClock } from '#server/clock'
import type { Signal } from '../telemetry'
import { createReader } from './reader'
import type { Retention, TelemetrySnapshot } from './snapshot'
import { openForReading, openForWriting } from './store/open'
import { answer } from './worker-port'
import { createWriter } from './writer'

export type WorkerData
  = | { role: 'writer', path: string, snapshot: TelemetrySnapshot, connected: Signal[] }
    | { role: 'reader', path: string, retention: Retention }

// One file, two workers: what scans must never keep a batch waiting, and a batch never a scan.
const data = workerData as WorkerData
const port = parentPort!
if (data.role === 'writer') {
  const tell = (event: string, value: unknown) => port.postMessage({ event, value })
  answer(port, createWriter({ db: openForWriting(data.path), clock: createSystemClock(), snapshot: data.snapshot, connected: data.connected, tell }))
}
else answer(port, createReader({ db: openForReading(data.path), clock: createSystemClock(), retention: data.retention }))
