import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { request } from '../../../support/diagnosis'
import { toTraceRequest } from '../../../support/otlp/from-spans'
import { temporaryFolder } from '../../../support/telemetry-store'

function run(...args: string[]) {
  return new Promise<{ code: number | null, out: string, err: string }>(resolve => execFile(process.execPath, ['--import', './scripts/resolve.mjs', 'scripts/replay.ts', ...args], (error, out, err) => {
    resolve({ code: error ? Number(error.code) : 0, out, err })
  }))
}

describe('npm run replay', { timeout: 60_000 }, () => {
  it('ends with 1 and a clear word where a file is not there', async () => {
    const { code, out, err } = await run('nowhere.jsonl')
    expect([code, out, err]).toEqual([1, '', 'nowhere.jsonl: no such file\n'])
  })

  it('says how it is used where no file is named', async () => {
    const { code, err } = await run()
    expect([code, err]).toEqual([1, expect.stringContaining('npm run replay -- [--json] FILE')])
  })

  it('names each line that it leaves out, and counts them at the end', async () => {
    const file = join(temporaryFolder(), 'a.jsonl')
    const line = (second: number) => JSON.stringify(toTraceRequest(request(`${second}`.padStart(32, '1'), 1_767_225_600e6 + second * 1e6, { service: 'shop', name: 'GET /x', from: 0, to: 10 })))
    writeFileSync(file, [line(0), '{"resourceSpans":[', line(40), 'nothing'].join('\n'))
    const { code, out, err } = await run('--json', file)
    expect([code, out]).toEqual([0, ''])
    expect(err).toContain(`${file}:2: cannot be read`)
    expect(err).toContain(`${file}:4: no export request`)
    expect(err).toMatch(/2 lines, 2 left out; 45\.0 s of recording/)
  })
})
