import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startChild } from '../../../../demo/launch/child.ts'

const guard = new URL('../../../../demo/launch/end-with-parent.mjs', import.meta.url).href
const child = new URL('../../../../demo/launch/child.ts', import.meta.url).href
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'demo-child-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function script(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  }
  catch {
    return false
  }
}

describe('a process that the demo starts', () => {
  const start = (file: string) => startChild({ name: 'it', file, env: process.env, cwd: folder, logFile: join(folder, 'log') })

  it('is asked to end, and says how it did', async () => {
    const one = start(script('good.mjs', `process.on('SIGTERM', () => { console.log('asked'); process.exit(7) }); setInterval(() => {}, 1000); process.send({ type: 'up' })`))
    await new Promise(done => one.onMessage(done))
    await one.stop(5_000)
    expect(await one.exit).toBe('exit code 7')
    expect(one.isRunning()).toBe(false)
    expect(one.lastWords()).toBe('asked')
  })

  it('is ended when it does not listen', async () => {
    const one = start(script('deaf.mjs', `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); process.send({ type: 'up' })`))
    await new Promise(done => one.onMessage(done))
    await one.stop(100)
    expect(await one.exit).toBe('SIGKILL')
  })

  it('ends by itself when the demo is killed outright, though it knows nothing of the demo', async () => {
    const stranger = script('stranger.mjs', `setInterval(() => {}, 1000); console.log('pid ' + process.pid)`)
    const parent = spawn(process.execPath, ['--input-type=module', '-e', `
      const { startChild } = await import(${JSON.stringify(child)})
      const one = startChild({ name: 'stranger', file: ${JSON.stringify(stranger)}, execArgv: ['--import', ${JSON.stringify(guard)}], env: process.env, cwd: '.', logFile: ${JSON.stringify(join(folder, 'log'))}, detached: true })
      const timer = setInterval(() => { const pid = /pid (\\d+)/.exec(one.lastWords())?.[1]; if (pid) { clearInterval(timer); console.log(pid) } }, 50)
    `], { stdio: ['ignore', 'pipe', 'inherit'] })
    const pid = Number(await new Promise<Buffer>(done => parent.stdout.once('data', done)))
    expect(isAlive(pid)).toBe(true)
    parent.kill('SIGKILL')
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 5_000 })
  }, 15_000)
})
