// The one plain-JS file: runs under whatever Node >= 20 called npm, installs what the lock names,
// then runs everything else under the Node that came with it. Usage: run.mjs FILE… | run.mjs --bin TOOL …
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const stamp = `${root}node_modules/.installed`
const ending = ['SIGINT', 'SIGTERM', 'SIGHUP']
const prepared = `${root}.nuxt/tsconfig.json`
const lock = createHash('sha256').update(readFileSync(`${root}package-lock.json`)).digest('hex')

if (!isInstalled() || !existsSync(prepared)) {
  await alone(async () => {
    // Whom we waited for may have done it.
    if (!isInstalled()) {
      await run('npm', ['ci', '--loglevel=error'])
      writeFileSync(stamp, lock)
    }
    // Where install scripts are switched off, our own did not run either.
    if (!existsSync(prepared)) await run(findNode(), [`${root}node_modules/nuxt/bin/nuxt.mjs`, 'prepare'])
  })
}

const node = findNode()
const env = { ...process.env, PATH: `${root}node_modules/.bin:${process.env.PATH}` }

const [first, ...rest] = process.argv.slice(2)
const args = first === '--bin' ? [binOf(rest[0]), ...rest.slice(1)] : ['--import', './scripts/resolve.mjs', first, ...rest]
const child = spawn(node, args, { cwd: root, stdio: 'inherit', env })
for (const signal of ending) process.on(signal, () => child.kill(signal))
// npm that is killed hard tells nobody: then the parent is another one, and what it started ends as if it had been asked.
const parent = process.ppid
const watch = process.env.npm_lifecycle_event && setInterval(() => {
  if (process.ppid === parent) return
  clearInterval(watch)
  child.kill('SIGTERM')
}, 1_000).unref()
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))

/** The platform package's Node where there is one, else this process's own where it is new enough. */
function findNode() {
  const bundled = `${root}node_modules/.bin/node`
  if (existsSync(bundled)) return bundled
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 24 || (major === 24 && minor >= 11)) return process.execPath
  console.error(`Node ${process.versions.node} is too old here: this platform has no bundled Node, please use 24.11 or newer.`)
  process.exit(1)
}

/** The script behind a tool's name, from its package's own "bin", so that no shell shim is needed. */
function binOf(tool) {
  const name = { playwright: '@playwright/test' }[tool] ?? tool
  const folder = `${root}node_modules/${name}/`
  const { bin } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8'))
  return folder + (typeof bin === 'string' ? bin : bin[tool])
}

function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === lock
}

/**
 * One at a time: two that install into the same folder break each other's. Who works touches a file every second, so
 * that the file of one who was killed is known by its age and not by a number that others may bear by now.
 */
async function alone(work) {
  const turn = `${root}.installing`
  for (let told = false; !take(turn); told = true) {
    if (!told) console.log('Another run is installing. Waiting for it …')
    await new Promise(done => setTimeout(done, 200))
    if (ageOf(turn) > 10_000) rmSync(turn, { force: true })
  }
  const touch = setInterval(() => utimesSync(turn, new Date(), new Date()), 1_000)
  const leave = () => rmSync(turn, { force: true })
  const end = signal => process.exit(128 + constants.signals[signal])
  process.once('exit', leave)
  for (const signal of ending) process.once(signal, end)
  await work()
  for (const signal of ending) process.off(signal, end)
  process.off('exit', leave)
  clearInterval(touch)
  leave()
}

/** Only one of many can make a file that is not there. */
function take(path) {
  try {
    writeFileSync(path, '', { flag: 'wx' })
    return true
  }
  catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function ageOf(path) {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
}

async function run(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit' })
  const end = () => child.kill()
  process.once('exit', end)
  const code = await new Promise((done) => {
    child.once('error', () => done(1))
    child.once('exit', code => done(code ?? 1))
  })
  process.off('exit', end)
  if (code !== 0) process.exit(code)
}
