import { chromium, type Page } from '@playwright/test'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { vi } from 'vitest'
import { createAppApi } from '../../../demo/launch/app-api.ts'
import { seedAccounts, seedEndpoints, seedIngestKey } from '../../../demo/launch/seed.ts'
import { readSettings } from '../../../demo/launch/settings.ts'
import { createStateFile } from '../../../demo/launch/state.ts'
import { startPlatform } from '../../../demo/platform/platform.ts'
import { findChromium } from '../../../scripts/chromium.ts'
import { sixFreePorts } from '../../support/free-ports.ts'
import { run } from '../launch/tools.ts'
import { urlOf } from './backends.ts'

const server = fileURLToPath(new URL('../../../.output/server/index.mjs', import.meta.url))
const password = 'beacon fires on the hill'
const ingestKey = 'connected_0123456789abcdef0123456789'

export interface ConnectedOptions {
  /** Settings of the app: which backends it reads. */
  env: Record<string, string>
  /** Requests a second. */
  rate?: number
  /** Told where the app receives what it keeps itself, before anything is sent. */
  receiver?: (app: { url: string, ingestKey: string }) => Promise<void>
}

/**
 * The built app on a directory of its own, seeded as the demo seeds it, and the demo platform, which sends to the
 * Collector and knows nothing of the app.
 */
export async function startConnected({ env, rate = 6, receiver }: ConnectedOptions) {
  if (!existsSync(server)) throw new Error('There is no build to test. Run npm run build first.')
  const dataDir = mkdtempSync(join(tmpdir(), 'bongsu-connected-'))
  const port = await sixFreePorts(27_600)
  const demoPort = await sixFreePorts(port + 6)
  const own = { PORT: `${port}`, NUXT_OTLP_PORT: `${port + 1}`, NUXT_OTLP_GRPC_PORT: '0', NUXT_DATA_DIR: dataDir, DEMO_PORT: `${demoPort}`, DEMO_PASSWORD: password, DEMO_INGEST_KEY: ingestKey, DEMO_OTLP_ENDPOINT: urlOf('collector') }
  const settings = readSettings(own)
  const app = spawn(process.execPath, [server], { env: { ...process.env, ...own, NUXT_LOG_LEVEL: 'warn', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const setupToken = await new Promise<string>((found, failed) => {
    app.once('exit', code => failed(new Error(`The app ended with ${code} before it was ready:\n${output}`)))
    for (const stream of [app.stdout, app.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk
        const link = /\/setup#([\w-]+)/.exec(output)
        if (link) found(link[1]!)
      })
    }
  })
  const end = async () => {
    const ended = new Promise(done => app.once('exit', done))
    app.kill('SIGTERM')
    await ended
    rmSync(dataDir, { recursive: true, force: true })
  }
  const api = createAppApi(settings)
  const platform = await bringUp().catch(async (error) => {
    await end()
    throw error
  })

  async function bringUp() {
    await vi.waitFor(() => fetch(`${settings.address}/api/ready`), { timeout: 30_000, interval: 100 })
    const state = createStateFile(join(dataDir, 'demo.json'))
    await seedIngestKey(api, state, settings, await seedAccounts(api, state, settings, () => setupToken))
    await seedEndpoints(api, new Date())
    await receiver?.({ url: `http://127.0.0.1:${settings.otlpPort}`, ingestKey })
    return await startPlatform({
      port: settings.port, rate, otlpEndpoint: settings.otlpEndpoint, env: { OTEL_BSP_SCHEDULE_DELAY: '1000', OTEL_BLRP_SCHEDULE_DELAY: '1000', OTEL_METRIC_EXPORT_INTERVAL: '5000', OTEL_METRIC_EXPORT_TIMEOUT: '4000' } })
  }

  return {
    origin: settings.address,
    platform,
    api,
    /** What the app said. */
    output: () => output,
    /** Name and value of a session's cookie. */
    async signIn(email: string): Promise<{ name: string, value: string }> {
      const answer = await fetch(`${settings.address}/api/session`, { method: 'POST', headers: { 'origin': settings.address, 'content-type': 'application/json' }, body: JSON.stringify({ email, password }) })
      if (!answer.ok) throw new Error(`Signing in was answered ${answer.status}`)
      const [name, value] = answer.headers.getSetCookie().at(-1)!.split(';')[0]!.split('=') as [string, string]
      return { name, value }
    },
    async stop() {
      await platform.stop()
      await end()
    },
  }
}

/**
 * What a trace page says of `external-timeout`: the callee by its port while its own spans are not there yet, and on a
 * slow machine some milliseconds later.
 */
export const gaveUp = /business-service gave up on external-api(:\d+)? after (?:exactly )?8\.0\d s/

/** The app's setting for a backend of this run. */
export const reading = (backend: 'zipkin' | 'prometheus' | 'elasticsearch') => ({ [`NUXT_${backend.toUpperCase()}_URL`]: urlOf(backend) })

/** A browser in which the operator is signed in, or who else is named. */
export async function browse({ origin, signIn }: Pick<Awaited<ReturnType<typeof startConnected>>, 'origin' | 'signIn'>, email = 'operator@bongsu.example'): Promise<{ page: Page, close: () => Promise<void> }> {
  const browser = await chromium.launch({ executablePath: await findChromium(), args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] })
  const context = await browser.newContext({ baseURL: origin, locale: 'en-GB', timezoneId: 'Asia/Seoul', viewport: { width: 1440, height: 900 } })
  await context.addCookies([{ ...await signIn(email), url: origin }])
  return { page: await context.newPage(), close: () => browser.close() }
}

/** Puts what deploy/ puts into Elasticsearch before the first line, for the time of the tests that want it. */
export function setUpElasticsearch(): { remove: () => Promise<void> } {
  const setup = fileURLToPath(new URL('../../../deploy/elasticsearch/setup.sh', import.meta.url))
  run('sh', [setup], { env: { ELASTICSEARCH_URL: urlOf('elasticsearch'), SKIP_LIFECYCLE: '1' } })
  return {
    async remove() {
      for (const template of ['_index_template/openapi-logs', '_template/zipkin-lifecycle']) await fetch(`${urlOf('elasticsearch')}/${template}`, { method: 'DELETE' })
    },
  }
}
