import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { backends, ports, type BackendName } from './backends.ts'
import { writePrometheusConfig } from './prometheus-config.ts'
import { backendsHome, homeOf } from './install.ts'

const run = join(backendsHome, `run-${ports.otlpGrpc}`)
const patience = 180_000

export interface StartOptions {
  /** Goes on with the data of the last time instead of none. */
  keepData?: boolean
  /** Beside those it starts with anyway: `STORAGE_TYPE` of Zipkin, say. */
  env?: Record<string, string>
  /** After those it starts with anyway: another `--config` of the Collector, say. */
  args?: string[]
}

/** Starts it on its own, for whichever process comes to stop it, and waits until it is of use. One that runs is left alone. */
export async function start(name: BackendName, { keepData = false, env = {}, args = [] }: StartOptions = {}): Promise<void> {
  if (pidOf(name)) return await untilHealthy(name)
  if (await isHealthy(name)) throw new Error(`${name}: something else answers at ${backends[name].health}. Move ours with BACKENDS_PORT_OFFSET.`)
  const home = name === 'shipper' ? '' : homeOf(name)
  if (home && !existsSync(home)) throw new Error(`${name} is not installed: npm run backends -- install ${name}`)
  const data = join(run, name)
  if (!keepData) rmSync(data, { recursive: true, force: true })
  mkdirSync(data, { recursive: true })
  if (name === 'prometheus') writePrometheusConfig(join(data, 'prometheus.yml'))
  const command = backends[name].command({ home, data })
  const log = openSync(logOf(name), 'w')
  const child = spawn(command.file, [...command.args, ...args], { cwd: data, detached: true, stdio: ['ignore', log, log], env: { ...process.env, ...command.env, ...env } })
  child.unref()
  await new Promise<void>((done, fail) => child.once('spawn', done).once('error', fail))
  writeFileSync(pidFile(name), JSON.stringify({ pid: child.pid, began: beganAt(child.pid!) }))
  await untilHealthy(name)
}

/** Asks it to end and makes sure; does nothing to what is not ours. */
export async function stop(name: BackendName): Promise<void> {
  const pid = pidOf(name)
  if (pid) {
    process.kill(pid, 'SIGTERM')
    for (let tries = 0; pidOf(name) && tries < 150; tries++) await wait(100)
    if (pidOf(name)) process.kill(pid, 'SIGKILL')
  }
  rmSync(pidFile(name), { force: true })
}

export async function isHealthy(name: BackendName): Promise<boolean> {
  try {
    const response = await fetch(backends[name].health, { signal: AbortSignal.timeout(2_000) })
    await response.arrayBuffer()
    return response.ok
  }
  catch {
    return false
  }
}

/** Its pid while it runs. A pid alone may be somebody else's by now, so the time it began at has to agree. */
export function pidOf(name: BackendName): number | undefined {
  if (!existsSync(pidFile(name))) return undefined
  const { pid, began } = JSON.parse(readFileSync(pidFile(name), 'utf8')) as { pid: number, began: string }
  return began !== '' && beganAt(pid) === began ? pid : undefined
}

export const logOf = (name: BackendName) => join(run, `${name}.log`)

async function untilHealthy(name: BackendName): Promise<void> {
  const end = Date.now() + patience
  while (!await isHealthy(name)) {
    if (!pidOf(name)) throw new Error(`${name} ended while it started:\n${readFileSync(logOf(name), 'utf8').split('\n').slice(-20).join('\n')}`)
    if (Date.now() > end) throw new Error(`${name} does not answer after ${patience / 1000} s at ${backends[name].health}; its log is ${logOf(name)}`)
    await wait(200)
  }
}

const pidFile = (name: BackendName) => join(run, `${name}.json`)

function beganAt(pid: number): string {
  try {
    const [state, ...began] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', `${pid}`], { encoding: 'utf8' }).trim().split(/\s+/)
    // A child that ended and was not asked after is still listed.
    return state!.startsWith('Z') ? '' : began.join(' ')
  }
  catch {
    return ''
  }
}
