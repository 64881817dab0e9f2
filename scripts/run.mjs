// The one plain-JS file: runs under whatever Node >= 20 called npm, installs what the lock names,
// then runs everything else under the Node that came with it. Usage: run.mjs FILE… | run.mjs --bin TOOL …
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const stamp = `${root}node_modules/.installed`
const lock = createHash('sha256').update(readFileSync(`${root}package-lock.json`)).digest('hex')

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  run('npm', ['ci', '--loglevel=error'])
  writeFileSync(stamp, lock)
}

const node = findNode()
const env = { ...process.env, PATH: `${root}node_modules/.bin:${process.env.PATH}` }
// Where install scripts are switched off, our own did not run either.
if (!existsSync(`${root}.nuxt/tsconfig.json`)) run(node, [`${root}node_modules/nuxt/bin/nuxt.mjs`, 'prepare'])

const [first, ...rest] = process.argv.slice(2)
const args = first === '--bin' ? [binOf(rest[0]), ...rest.slice(1)] : ['--import', './scripts/resolve.mjs', first, ...rest]
const child = spawn(node, args, { cwd: root, stdio: 'inherit', env })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
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

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
