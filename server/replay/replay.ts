import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '#server/config'
import type { RevisionLine } from '#server/incidents/incidents'
import { openInThread, type TelemetrySnapshot } from '#server/telemetry/telemetry'
import { MINUTE, SECOND, type Millis } from '#shared/units'
import { readRecordings, type BadLine, type RecordedLine } from './recording'
import { startRooms } from './rooms'
import { createVirtualClock } from './virtual-clock'

export interface ReplayOptions {
  /** OTLP/JSON lines, one export request each; `.gz` too. */
  files: readonly string[]
  /** Told of each in order, as soon as it stands. */
  onRevision: (revision: RevisionLine) => void
  /** A line that is left out. */
  onBad?: (line: BadLine) => void
  /** Something did not work that should have. */
  onTrouble?: (error: unknown) => void
}

export interface Replayed {
  lines: number
  bad: number
  /** Of the recording's own time. */
  from?: Date
  to?: Date
}

/** Lines that arrive within so long go into the store together, as they would from several senders. */
const together: Millis = 250
const mostTogether = 32
/** After longer silence nothing is judged any more until something comes again. */
const silence: Millis = 30 * MINUTE
const settling: Millis = 10 * MINUTE
/** The slot in which the last of it is judged. */
const lastSlot: Millis = 5 * SECOND

/**
 * Sends recordings through the app as they would have arrived: the same store, detection, incidents and diagnosis, by
 * the recording's own clock, on a control file in memory and a telemetry file that is thrown away. The same recordings
 * give the same revisions. Rejects with `UnreadableFile`.
 */
export async function replay({ files, onRevision, onBad = () => {}, onTrouble = () => {} }: ReplayOptions): Promise<Replayed> {
  let bad = 0
  const skip = (line: BadLine) => {
    bad++
    onBad(line)
  }
  const recording = readRecordings(files, skip)
  let next = await recording.next()
  if (next.done) return { lines: 0, bad }

  const from = new Date(next.value.at)
  const clock = createVirtualClock(from)
  const directory = mkdtempSync(join(tmpdir(), 'bongsu-replay-'))
  const telemetry = openInThread({ directory, clock, snapshot })
  const rooms = startRooms({ telemetry, clock, snapshot, onRevision, onTrouble })
  let lines = 0
  try {
    while (!next.done) {
      const gap = next.value.at - clock.now().getTime()
      if (gap > silence) {
        await clock.advanceTo(new Date(clock.now().getTime() + settling))
        await clock.jumpTo(new Date(next.value.at))
      }
      await clock.advanceTo(new Date(next.value.at))
      const until = next.value.at + together
      const batch: RecordedLine[] = []
      for (; !next.done && next.value.at <= until && batch.length < mostTogether; next = await recording.next()) batch.push(next.value)
      for (const [i, reply] of telemetry.ingest(batch).entries()) {
        if (reply.state === 'busy') throw new Error(reply.message)
        if (reply.state === 'stored') lines++
        else skip({ file: batch[i]!.file, number: batch[i]!.number, reason: 'malformed' })
      }
    }
    // What is open then stays open.
    await clock.advanceTo(new Date(clock.now().getTime() + lastSlot))
    return { lines, bad, from, to: clock.now() }
  }
  finally {
    await rooms.close()
    telemetry.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

const { consumerAttributes, maskedKeys, retention } = readConfig({})
/** Nobody sends with a key, and nothing is registered. */
const snapshot: TelemetrySnapshot = { version: 1, keys: [], routes: [], consumerAttributes, maskedKeys, retention }
