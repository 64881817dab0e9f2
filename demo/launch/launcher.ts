import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { changeOf, type FaultName } from '../faults.ts'
import { startPlatform } from '../platform/platform.ts'
import { createAppApi } from './app-api.ts'
import { readSetupToken, startApp, waitUntilReady } from './app.ts'
import { build, isBuilt } from './build.ts'
import { announceChange } from './changes.ts'
import type { Child } from './child.ts'
import { refuseTakenPorts } from './ports.ts'
import { waitForFirstTrace, waitForReceiver } from './receiver.ts'
import { describeSeen, seedAccounts, seedEndpoints, seedIngestKey } from './seed.ts'
import type { Settings } from './settings.ts'
import { createStateFile } from './state.ts'
import { welcome } from './welcome.ts'

interface Launch {
  root: string
  settings: Settings
  signal: AbortSignal
  say: (line: string) => void
}

/** Brings everything up in order, and down again in the opposite one. */
export function createLauncher({ root, settings, signal, say }: Launch) {
  let app: Child | undefined
  let platform: Awaited<ReturnType<typeof startPlatform>> | undefined
  let starting: Promise<unknown> = Promise.resolve()
  let announcing: Promise<unknown> = Promise.resolve()
  const failure = Promise.withResolvers<string>()

  async function bringUp(): Promise<void> {
    await refuseTakenPorts(settings)
    if (!isBuilt(root)) {
      say('Building the app: the sources changed. This takes a minute or two.')
      await build(root, signal)
    }
    signal.throwIfAborted()
    say('Starting the app …')
    app = startApp(root, settings, join(root, `.demo/app-${new URL(settings.address).port}.log`))
    const started = app
    void started.exit.then(how => signal.aborted || failure.resolve(`The app ended (${how}). Its log is ${started.logFile}; it said:\n\n${started.lastWords()}`))
    await waitUntilReady(started, settings, signal)

    say('Making sure of accounts, key and endpoints …')
    const api = createAppApi(settings)
    const state = createStateFile(join(root, '.demo/state.json'))
    const entry = await seedIngestKey(api, state, settings, await seedAccounts(api, state, settings, () => readSetupToken(started)))
    signal.throwIfAborted()

    say('Starting the five services …')
    const since = new Date()
    const announce = (fault: FaultName, isOn: boolean) => {
      say(isOn ? `Fault on: ${fault}` : `Fault off: ${fault}`)
      const change = changeOf(fault, isOn)
      if (change) announcing = announceChange(settings, entry.ingestKey, change).catch(error => say(`The change could not be announced: ${(error as Error).message}`))
    }
    // The key is the app's and nobody else's business.
    const ingestKey = settings.sendsToApp ? entry.ingestKey : undefined
    const coming = startPlatform({
      port: settings.port,
      rate: settings.rate,
      otlpEndpoint: settings.otlpEndpoint,
      ingestKey,
      onSwitch: announce,
      onDeath: service => signal.aborted || failure.resolve(`${service} ended although nobody asked it to.`),
    })
    starting = coming.then((up) => {
      platform = up
    }, () => {})
    await Promise.all([
      coming,
      seedEndpoints(api, new Date()),
      waitForReceiver(settings.otlpEndpoint, ingestKey, signal),
    ])
    if (settings.sendsToApp) await waitForFirstTrace(api, since, signal)
    signal.throwIfAborted()
    void describeWhenSeen(api)
    welcome(settings, entry).forEach(say)
  }

  /** Names and owners for what telemetry brings in; within the first minutes everybody has called. */
  async function describeWhenSeen(api: ReturnType<typeof createAppApi>): Promise<void> {
    for (let attempt = 0; attempt < 30 && !signal.aborted; attempt += 1) {
      await wait(10_000, undefined, { signal }).catch(() => {})
      if (signal.aborted || await describeSeen(api).catch(() => false)) return
    }
  }

  return {
    start: bringUp,
    /** Resolves with the reason when something that should run does not any more. */
    failed: failure.promise,
    /** The platform first, so that the last of its telemetry still finds the app; a fault ends with it, and is told. */
    async stop(): Promise<void> {
      await Promise.race([starting, wait(3_000)])
      await Promise.race([platform?.setFault(undefined).then(() => announcing).catch(() => {}), wait(1_500)])
      await platform?.stop()
      await app?.stop(5_000)
    },
  }
}
