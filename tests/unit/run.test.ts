import { spawn } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'

const own = fileURLToPath(new URL('../../scripts/run.mjs', import.meta.url))

/** A project whose `npm ci` takes a moment, says when it begins and ends, and fails where another one is at it. */
function project() {
  const root = mkdtempSync(join(tmpdir(), 'bongsu-run-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const folder of ['scripts', 'bin']) mkdirSync(join(root, folder))
  copyFileSync(own, join(root, 'scripts/run.mjs'))
  writeFileSync(join(root, 'scripts/resolve.mjs'), '')
  writeFileSync(join(root, 'hello.mjs'), 'console.log("hello")')
  writeFileSync(join(root, 'package-lock.json'), '{}')
  const npm = join(root, 'bin/npm')
  writeFileSync(npm, `#!/bin/sh
[ -e busy ] && exit 1
touch busy; echo ci >> log; rm -rf node_modules; sleep 0.5
mkdir -p node_modules/.bin .nuxt; ln -s "${process.execPath}" node_modules/.bin/node; touch .nuxt/tsconfig.json; rm busy
`)
  chmodSync(npm, 0o755)
  const run = () => new Promise<{ code: number | null, said: string }>((done) => {
    const child = spawn(process.execPath, ['scripts/run.mjs', 'hello.mjs'], { cwd: root, env: { ...process.env, PATH: `${join(root, 'bin')}:${process.env.PATH}` } })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => said += chunk)
    child.on('exit', code => done({ code, said }))
  })
  return { root, run, installs: () => readFileSync(join(root, 'log'), 'utf8').trim().split('\n').length }
}

describe('what runs everything else', () => {
  it('installs once when two begin at the same time: the second waits and then runs', async () => {
    const { root, run, installs } = project()
    const ended = await Promise.all([run(), run()])
    expect(ended.map(({ code }) => code)).toEqual([0, 0])
    for (const { said } of ended) expect(said).toContain('hello')
    expect(ended.filter(({ said }) => said.includes('Waiting for it'))).toHaveLength(1)
    expect([installs(), existsSync(join(root, '.installing'))]).toEqual([1, false])
  })

  it('does not wait for one that was killed at it', async () => {
    const { root, run, installs } = project()
    writeFileSync(join(root, '.installing'), '')
    const before = new Date(Date.now() - 60_000)
    utimesSync(join(root, '.installing'), before, before)
    expect(await run()).toMatchObject({ code: 0, said: expect.stringContaining('hello') })
    expect(installs()).toBe(1)
  })

  it('installs again when the lock file changes, and not otherwise', async () => {
    const { root, run, installs } = project()
    await run()
    await run()
    expect(installs()).toBe(1)
    writeFileSync(join(root, 'package-lock.json'), '{ "changed": true }')
    await run()
    expect(installs()).toBe(2)
  })
})
