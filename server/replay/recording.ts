import { createReadStream } from 'node:fs'
import { access } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import type { Signal } from '#server/telemetry/telemetry'

/** One export request as it was recorded. */
export interface RecordedLine {
  file: string
  /** From 1. */
  number: number
  signal: Signal
  body: Buffer
  /** When it arrives: milliseconds since the epoch. */
  at: number
}

export interface BadLine {
  file: string
  number: number
  reason: 'not_otlp' | 'too_long' | 'malformed'
}

export class UnreadableFile extends Error {
  constructor(file: string, cause: unknown) {
    super(`${file}: ${(cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : (cause as Error).message}`, { cause })
  }
}

/** A Collector writes a batch a line; nobody's batch is as long as this. */
const longestLine = 256 * 1024 * 1024

/**
 * The lines of several recordings in the order in which they arrive. A line arrives at the latest time that it tells of,
 * and never before the one ahead of it in its file. `.gz` is unpacked on the way; at most one line of each file is held.
 */
export async function* readRecordings(files: readonly string[], onBad: (line: BadLine) => void): AsyncGenerator<RecordedLine> {
  for (const file of files) await access(file).catch(error => Promise.reject(new UnreadableFile(file, error)))
  const readers = files.map(file => readRecording(file, onBad))
  const heads = await Promise.all(readers.map(reader => reader.next()))
  for (;;) {
    let first = -1
    for (const [i, { done, value }] of heads.entries()) if (!done && (first < 0 || value.at < (heads[first]!.value as RecordedLine).at)) first = i
    if (first < 0) return
    yield heads[first]!.value as RecordedLine
    heads[first] = await readers[first]!.next()
  }
}

async function* readRecording(file: string, onBad: (line: BadLine) => void): AsyncGenerator<RecordedLine, undefined> {
  let number = 0
  let ahead = 0
  for await (const body of linesOf(file)) {
    number++
    if (body === undefined) {
      onBad({ file, number, reason: 'too_long' })
      continue
    }
    const text = body.toString('latin1')
    if (!/\S/.test(text)) continue
    const signal = signalOf(text)
    if (!signal) {
      onBad({ file, number, reason: 'not_otlp' })
      continue
    }
    ahead = Math.max(ahead, latestTime(text, signal))
    yield { file, number, signal, body, at: ahead }
  }
  return undefined
}

/** Undefined for one that is too long. */
async function* linesOf(file: string): AsyncGenerator<Buffer | undefined> {
  const raw = createReadStream(file, { highWaterMark: 1024 * 1024 })
  const stream = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw
  if (stream !== raw) raw.on('error', error => stream.destroy(error))
  let parts: Buffer[] = []
  let length = 0
  const take = () => {
    const line = length > longestLine ? undefined : Buffer.concat(parts)
    parts = []
    length = 0
    return line
  }
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      let from = 0
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
        keep(chunk.subarray(from, end))
        yield take()
        from = end + 1
      }
      keep(chunk.subarray(from))
    }
  }
  catch (error) {
    throw new UnreadableFile(file, error)
  }
  if (length > 0) yield take()

  function keep(part: Buffer) {
    length += part.length
    if (length <= longestLine && part.length > 0) parts.push(part)
  }
}

const signs: [Signal, RegExp, RegExp][] = [
  ['traces', /"resource_?[sS]pans"/, /"end_?[tT]ime_?[uU]nix_?[nN]ano"\s*:\s*"?(\d+)/g],
  ['logs', /"resource_?[lL]ogs"/, /"(?:observed_?[tT]ime|time)_?[uU]nix_?[nN]ano"\s*:\s*"?(\d+)/g],
  ['metrics', /"resource_?[mM]etrics"/, /"time_?[uU]nix_?[nN]ano"\s*:\s*"?(\d+)/g],
]

/** By the field's name, wherever it stands; within a text it would have other quotes. */
function signalOf(text: string): Signal | undefined {
  return signs.find(([, sign]) => sign.test(text))?.[0]
}

/** Milliseconds, 0 for a line without a time. */
function latestTime(text: string, signal: Signal): number {
  const times = signs.find(([name]) => name === signal)![2]
  let latest = 0
  for (const [, nanos] of text.matchAll(times)) {
    const millis = Number(nanos!.slice(0, -6))
    if (millis > latest) latest = millis
  }
  return latest
}
