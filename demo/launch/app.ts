import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Child, startChild } from './child.ts'
import type { Settings } from './settings.ts'

/** Starts the built app as anybody would, and lets it end when this process is gone. */
export function startApp(root: string, { grpcPort }: Pick<Settings, 'grpcPort'>, logFile: string): Child {
  return startChild({
    name: 'the app',
    file: join(root, '.output/server/index.mjs'),
    execArgv: ['--import', new URL('end-with-parent.mjs', import.meta.url).href],
    env: { ...process.env, NODE_ENV: 'production', NUXT_OTLP_GRPC_PORT: String(grpcPort) },
    cwd: root,
    logFile,
    detached: true,
  })
}

const patience = 60_000

/** Waits until the app serves, and says what it said when it does not. */
export async function waitUntilReady(app: Child, { address }: Pick<Settings, 'address'>, signal: AbortSignal): Promise<void> {
  const until = Date.now() + patience
  let answer = 'no answer'
  while (Date.now() < until) {
    signal.throwIfAborted()
    if (!app.isRunning()) throw new Error(`The app ended (${await app.exit}). It said:\n\n${app.lastWords()}`)
    try {
      const response = await fetch(`${address}/api/ready`, { signal: AbortSignal.timeout(2_000) })
      await response.arrayBuffer()
      if (response.ok) return
      answer = `${response.status}`
    }
    catch (error) {
      answer = (error as Error).message
    }
    await wait(100)
  }
  throw new Error(`The app was not ready within ${patience / 1_000} s (${address}/api/ready: ${answer}). Its log is ${app.logFile}.`)
}

/** The one-time link that an app without accounts prints. */
export function readSetupToken(app: Child): string {
  const token = /\/setup[#?](?:token=)?([\w.-]+)/.exec(readFileSync(app.logFile, 'utf8'))?.[1]
  if (!token) throw new Error(`The app has no account yet, but printed no set-up link. Its log is ${app.logFile}.`)
  return token
}
