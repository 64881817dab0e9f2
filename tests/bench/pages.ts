import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'
import { freePort, startApp, until, type BenchApp } from './support/app.ts'
import { load } from './support/load.ts'
import { batch, send } from './support/platform-batch.ts'
import { median, type Figure } from './support/report.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Server-rendered pages: the status board against a hello page, its weight, and page latency while telemetry flows in. */
export async function run(): Promise<Figure[]> {
  const hello = await startHello()
  const app = await startApp({ NUXT_LOG_LEVEL: 'warn' })
  try {
    await sendPlatform(app, 12, 60)
    const headers = { cookie: app.cookie }
    await load(`${app.origin}/`, { connections: 4, seconds: 2, headers })
    await load(hello.origin, { connections: 4, seconds: 2 })

    const ratios: number[] = []
    for (let round = 0; round < 3; round++) {
      const board = await load(`${app.origin}/`, { connections: 4, seconds: 4, headers })
      const bare = await load(hello.origin, { connections: 4, seconds: 4 })
      ratios.push(board.perSecond / bare.perSecond)
    }
    const html = Buffer.from(await (await fetch(`${app.origin}/`, { headers })).arrayBuffer())

    const quiet = await load(`${app.origin}/`, { connections: 1, seconds: 6, headers })
    const flood = ingestAt(app, 15_000)
    const busy = await load(`${app.origin}/`, { connections: 1, seconds: 6, headers })
    const perSecond = await flood.stop()

    return [
      { name: 'status board req/s ÷ hello with Nuxt UI', value: median(ratios), must: 0.35, atLeast: true },
      { name: 'status board HTML with payload, gzip KB', value: gzipSync(html).length / 1_000, must: 16 },
      { name: 'page latency p95 during ingest ÷ without', value: busy.p95 / quiet.p95, must: 1.5 },
      { name: 'spans/s ingested meanwhile', value: perSecond },
    ]
  }
  finally {
    await app.close()
    hello.close()
  }
}

async function startHello() {
  const folder = `${root}tests/bench/hello`
  if (!existsSync(`${folder}/.output/server/index.mjs`)) {
    execFileSync(process.execPath, [`${root}node_modules/nuxt/bin/nuxt.mjs`, 'build', folder], { stdio: 'ignore', cwd: root })
  }
  const port = await freePort()
  const child = spawn(process.execPath, [`${folder}/.output/server/index.mjs`], { env: { ...process.env, PORT: String(port), HOST: '127.0.0.1' }, stdio: 'ignore' })
  const origin = `http://127.0.0.1:${port}/`
  await until(async () => (await fetch(origin)).ok)
  return { origin, close: () => void child.kill() }
}

/** An hour of traffic, so that every line has a course to draw. */
async function sendPlatform(app: BenchApp, services: number, rounds: number) {
  for (let round = rounds; round--;) {
    if (!await send(app, batch(services, 10, round * 3_600_000 / rounds).body)) throw new Error('The batch was refused.')
  }
}

function ingestAt({ otlp, key }: BenchApp, perSecond: number) {
  const worker = new Worker(new URL('support/flood.ts', import.meta.url), { workerData: { app: { otlp, key }, perSecond } })
  return {
    stop: () => new Promise<number>((done, failed) => {
      worker.once('message', done).once('error', failed)
      worker.postMessage('stop')
    }),
  }
}
