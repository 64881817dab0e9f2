import { getPriority, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { createSystemClock } from '#server/clock'
import type { Signal } from '../telemetry'
import { createCheckpoints } from './checkpoints'
import { createReader } from './reader'
import type { Retention, TelemetrySnapshot } from './snapshot'
import { createScanner } from './scanner'
import { openForCheckpoints, openForReading, openForWriting } from './store/open'
import { answer } from '../worker-port'
import { createWriter } from './writer'

export type WorkerData
  = | { role: 'writer', path: string, snapshot: TelemetrySnapshot, connected: Signal[] }
    | { role: 'scanner', snapshot: TelemetrySnapshot }
    | { role: 'checkpoints', path: string }
    | { role: 'reader', path: string, retention: Retention }

// One worker reads what is sent, one writes it, one waits for the disk, one scans what is stored: none keeps another waiting.
const data = workerData as WorkerData
const port = parentPort!
const clock = createSystemClock()
// Telemetry waits at its sender's, people wait in front of a page. Elsewhere this would be said of the whole process.
if (data.role !== 'reader' && process.platform === 'linux') setPriority(Math.min(19, getPriority() + 5))
switch (data.role) {
  case 'scanner':
    answer(port, createScanner({ clock, snapshot: data.snapshot }))
    break
  case 'writer': {
    const tell = (event: string, value: unknown) => port.postMessage({ event, value })
    answer(port, createWriter({ db: openForWriting(data.path), clock, snapshot: data.snapshot, connected: data.connected, tell }))
    break
  }
  case 'checkpoints':
    answer(port, createCheckpoints({ db: openForCheckpoints(data.path), clock }))
    break
  case 'reader':
    answer(port, createReader({ db: openForReading(data.path), clock, retention: data.retention }))
}
