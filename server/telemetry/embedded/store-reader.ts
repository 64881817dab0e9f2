import type { Clock } from '#server/clock'
import { AppError } from '#shared/errors'
import type { SourceHealth } from '../ports'
import type { Signal } from '../telemetry'
import type { ReaderVerbs } from './reader'
import type { Ask } from '../worker-port'

/** Two ways to the same file: scans go to the reading worker, single rows are read here. */
export interface StoreReader {
  ask: Ask<ReaderVerbs>
  near: () => ReaderVerbs
}

/** Silence longer than this is `late`, ms. */
const patience = 5 * 60_000

/** Whatever goes wrong inside is one thing to a room: the source cannot answer. */
export async function toAppError<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  }
  catch (error) {
    throw error instanceof AppError ? error : new AppError('source.unavailable', { source: 'embedded' }, { cause: error })
  }
}

/** Never throws. */
export async function checkStore(reader: StoreReader, clock: Clock, signal: Signal): Promise<SourceHealth> {
  const began = clock.monotonic()
  try {
    const { services } = await reader.ask('stats', [])
    const times = services.filter(entry => entry.signal === signal).map(entry => entry.lastReceived.getTime())
    const latency = clock.monotonic() - began
    if (times.length === 0) return { state: 'idle', latency }
    const lastReceived = new Date(Math.max(...times))
    return { state: clock.now().getTime() - lastReceived.getTime() > patience ? 'late' : 'ok', lastReceived, latency }
  }
  catch {
    return { state: 'failed', latency: clock.monotonic() - began, trouble: { source: 'embedded' } }
  }
}
