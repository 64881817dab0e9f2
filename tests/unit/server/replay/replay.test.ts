import { pbkdf2 } from 'node:crypto'
import { readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { BadLine } from '#server/replay/recording'
import { replay } from '#server/replay/replay'
import type { RevisionLine as Revision } from '#server/incidents/incidents'
import { request } from '../../../support/diagnosis'
import { toTraceRequest } from '../../../support/otlp/from-spans'
import { temporaryFolder } from '../../../support/telemetry-store'

const start = Date.parse('2026-01-05T09:00:00Z') * 1_000
const QUIET = 480
const FAULT = 120

/** Four requests a second; after eight minutes the partner answers two out of three only after the caller has gone. */
function recording({ before = QUIET, faulty = FAULT, after = 0 } = {}): string[] {
  return Array.from({ length: before + faulty + after }, (_, second) => {
    const spans = Array.from({ length: 4 }, (_, i) => {
      const isFaulty = second >= before && second < before + faulty
      const isCut = isFaulty && (4 * second + i) % 3 > 0
      const partner = isCut ? 8_000 : 120 + (second * 7 + i * 3) % 40
      const at = start + second * 1e6 + i * 250_000 - (isCut ? 8_000_000 : 0)
      return request((4 * second + i + 1).toString(16).padStart(32, '0'), at, {
        service: 'gateway', name: 'POST /orders', from: 0, to: partner + 20, failed: isCut,
        attributes: { 'http.request.method': 'POST', 'http.route': '/orders', 'http.response.status_code': isCut ? 502 : 200, 'api.client.id': i % 2 ? 'partner-a' : 'partner-b' },
        inside: [{ service: 'gateway', name: 'POST', kind: 'client', from: 10, to: 10 + partner, remote: 'pay.example', failed: isCut, attributes: isCut ? { 'error.type': 'timeout' } : {} }],
      })
    })
    return JSON.stringify(toTraceRequest(spans.flat()))
  })
}

async function run(lines: string[]) {
  const file = join(temporaryFolder(), 'recording.jsonl')
  writeFileSync(file, lines.join('\n'))
  const revisions: Revision[] = []
  const bad: BadLine[] = []
  const replayed = await replay({ files: [file], onRevision: revision => revisions.push(revision), onBad: line => bad.push(line), onTrouble: (error) => {
    throw error
  } })
  return { revisions, bad, replayed }
}

describe('a replay', () => {
  it('opens an incident by itself, names the culprit, and says whom it hurts', { timeout: 60_000 }, async () => {
    const began = performance.now()
    const { revisions, replayed } = await run(recording())
    const took = performance.now() - began
    expect(revisions.map(({ event }) => event)[0]).toBe('opened')
    const opened = revisions[0]!
    expect((Date.parse(opened.at) * 1_000 - start) / 1e6 - QUIET).toBeLessThan(40)
    expect(opened).toMatchObject({ incident: 'INC-1', severity: 'critical' })
    const last = revisions.at(-1)!
    expect(last.culprit).toEqual({ service: 'gateway', operation: 'POST', remote: 'pay.example', type: 'timeout' })
    expect(last.symptoms).toContainEqual({ service: 'gateway', operation: 'POST /orders', endpoint: 'POST /orders' })
    expect(last.impact.map(({ consumer }) => consumer).toSorted()).toEqual(['partner-a', 'partner-b'])
    for (const { failed, slow, total } of last.impact) expect([failed, slow, total].every(Number.isInteger)).toBe(true)
    expect(replayed).toMatchObject({ lines: QUIET + FAULT, bad: 0 })
    expect(took).toBeLessThan((QUIET + FAULT) * 1_000 / 20)
  })

  it('resolves it once nothing is wrong any more', { timeout: 60_000 }, async () => {
    const { revisions } = await run(recording({ after: 240 }))
    expect(revisions.at(-1)!.event).toBe('resolved')
  })

  it('says nothing of a quiet time', { timeout: 60_000 }, async () => {
    expect((await run(recording({ faulty: 0 }))).revisions).toEqual([])
  })

  it('says the same each time', { timeout: 60_000 }, async () => {
    const [first, second] = [await run(recording()), await run(recording())]
    expect(second.revisions).toEqual(first.revisions)
  })

  it('says the same with the threads of the machine busy', { timeout: 120_000 }, async () => {
    const lines = recording({ before: 330, faulty: 45 })
    const first = await run(lines)
    let isBusy = true
    const occupy = () => void (isBusy && pbkdf2('password', 'salt', 200_000, 64, 'sha512', occupy))
    for (let i = 0; i < 8; i++) occupy()
    const second = await run(lines).finally(() => isBusy = false)
    expect(first.revisions.length).toBeGreaterThan(0)
    expect(second.revisions).toEqual(first.revisions)
  })

  it('leaves out lines that cannot be read and says which', async () => {
    const lines = recording({ before: 3, faulty: 0 })
    const { bad, replayed } = await run([lines[0]!, '{"resourceSpans": [', lines[1]!, 'hello', lines[2]!])
    expect(bad.map(({ number, reason }) => [number, reason])).toEqual(expect.arrayContaining([[2, 'malformed'], [4, 'not_otlp']]))
    expect(replayed).toMatchObject({ lines: 3, bad: 2 })
  })

  it('leaves nothing behind', async () => {
    const folders = () => readdirSync(tmpdir()).filter(name => name.startsWith('bongsu-replay-'))
    const before = folders()
    await run(recording({ before: 2, faulty: 0 }))
    expect(folders()).toEqual(before)
  })
})
