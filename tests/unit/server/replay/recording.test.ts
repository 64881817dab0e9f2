import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readRecordings, UnreadableFile, type BadLine, type RecordedLine } from '#server/replay/recording'
import { temporaryFolder } from '../../../support/telemetry-store'

const nanos = (second: number) => `${1_767_225_600 + second}000000000`
const at = (second: number) => (1_767_225_600 + second) * 1_000
const spans = (...ends: number[]) => JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: ends.map(end => ({ startTimeUnixNano: nanos(end - 1), endTimeUnixNano: nanos(end), events: [{ timeUnixNano: nanos(end + 500) }] })) }] }] })
const logs = (second: number, observed = second) => JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: nanos(second), observedTimeUnixNano: nanos(observed), body: { stringValue: `{"timeUnixNano":"${nanos(900)}"}` } }] }] }] })
const metrics = (second: number) => JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [{ sum: { dataPoints: [{ startTimeUnixNano: nanos(0), timeUnixNano: nanos(second) }] } }] }] }] })

async function read(files: Record<string, string | Buffer>) {
  const folder = temporaryFolder()
  const paths = Object.entries(files).map(([name, content]) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  })
  const bad: BadLine[] = []
  const lines: RecordedLine[] = await Array.fromAsync(readRecordings(paths, line => void bad.push(line)))
  const name = (path: string) => path.slice(folder.length + 1)
  return { lines: lines.map(({ file, number, signal, at }) => [name(file), number, signal, at] as const), bad: bad.map(line => ({ ...line, file: name(line.file) })), bodies: lines.map(({ body }) => body.toString()) }
}

describe('a recording', () => {
  it.each<[string, string, RecordedLine['signal'], number]>([
    ['spans at their latest end', spans(10, 30, 20), 'traces', 30],
    ['logs when they were observed', logs(10, 12), 'logs', 12],
    ['logs at their own time where nobody says more', logs(10, 0), 'logs', 10],
    ['points of metrics at their time', metrics(15), 'metrics', 15],
    ['snake case and numbers', `{"resource_spans":[{"scope_spans":[{"spans":[{"end_time_unix_nano":${nanos(7)}}]}]}]}`, 'traces', 7],
  ])('has %s', async (_, line, signal, second) => {
    expect((await read({ 'a.jsonl': `${line}\n` })).lines).toEqual([['a.jsonl', 1, signal, at(second)]])
  })

  it('never lets a line arrive before the one ahead of it', async () => {
    const { lines } = await read({ 'a.jsonl': [spans(30), spans(10), '{"resourceSpans":[]}', spans(40)].join('\n') })
    expect(lines.map(([, number, , time]) => [number, time])).toEqual([[1, at(30)], [2, at(30)], [3, at(30)], [4, at(40)]])
  })

  it('merges several files in the order of time, packed ones too', async () => {
    const { lines, bodies } = await read({ 'a.jsonl': [spans(10), spans(30)].join('\n'), 'b.jsonl.gz': gzipSync(`${logs(5)}\n${logs(20)}\n${logs(40)}\n`), 'empty.jsonl': '' })
    expect(lines.map(([file, , , time]) => [file, (time - at(0)) / 1_000])).toEqual([['b.jsonl.gz', 5], ['a.jsonl', 10], ['b.jsonl.gz', 20], ['a.jsonl', 30], ['b.jsonl.gz', 40]])
    expect(JSON.parse(bodies[0]!)).toHaveProperty('resourceLogs')
  })

  it('reads lines longer than a piece of the file', async () => {
    const long = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'x'.repeat(3_000_000), endTimeUnixNano: nanos(3) }] }] }] })
    const { lines, bodies } = await read({ 'a.jsonl': `${long}\n${spans(4)}` })
    expect(lines.map(([, number]) => number)).toEqual([1, 2])
    expect(bodies[0]).toBe(long)
  })

  it('leaves out what is no export request, and says which line; empty ones are nothing', async () => {
    const { lines, bad } = await read({ 'a.jsonl': ['', 'hello', spans(1), '  ', '{"a":1}', spans(2)].join('\n') })
    expect(lines.map(([, number]) => number)).toEqual([3, 6])
    expect(bad).toEqual([{ file: 'a.jsonl', number: 2, reason: 'not_otlp' }, { file: 'a.jsonl', number: 5, reason: 'not_otlp' }])
  })

  it.each([
    ['is not there', 'missing.jsonl', undefined, /no such file/],
    ['is not what its name says', 'broken.jsonl.gz', 'plain text', /incorrect header/],
  ])('cannot be read where its file %s', async (_, name, content, message) => {
    const path = join(temporaryFolder(), name)
    if (content !== undefined) writeFileSync(path, content)
    const reading = Array.fromAsync(readRecordings([path], () => {}))
    await expect(reading).rejects.toThrow(UnreadableFile)
    await expect(reading).rejects.toThrow(message)
  })
})
