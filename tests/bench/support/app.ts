import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const server = fileURLToPath(new URL('../../../.output/server/index.mjs', import.meta.url))

export interface BenchApp {
  origin: string
  otlp: string
  key: string
  cookie: string
  pid: number
  dataDir: string
  /** A call of the API as the signed-in admin. */
  call: (method: string, path: string, body?: unknown) => Promise<Response>
  close: () => Promise<void>
}

/** The built app on a directory and ports of its own, with an admin signed in and an ingest key. */
export async function startApp(env: Record<string, string> = {}): Promise<BenchApp> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bongsu-bench-'))
  const [port, otlpPort] = [await freePort(), await freePort()]
  const origin = `http://127.0.0.1:${port}`
  const child = spawn(process.execPath, [server], {
    env: { ...process.env, PORT: String(port), NUXT_OTLP_PORT: String(otlpPort), NUXT_OTLP_GRPC_PORT: '0', NUXT_DATA_DIR: dataDir, NUXT_LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  const token = await new Promise<string>((found, failed) => {
    child.once('exit', code => failed(new Error(`The app ended with ${code} before it was ready:\n${output}`)))
    child.stdout.on('data', (chunk) => {
      output += chunk
      const link = /\/setup#([\w-]+)/.exec(output)
      if (link) found(link[1]!)
    })
  })
  await until(async () => (await fetch(`${origin}/api/ready`)).ok)

  const headers = { origin, 'content-type': 'application/json' }
  const setUp = await fetch(`${origin}/api/setup`, {
    method: 'POST', headers,
    body: JSON.stringify({ token, email: 'bench@bongsu.example', name: 'Bench', password: 'a long walk over hills 7' }),
  })
  if (!setUp.ok) throw new Error(`Set-up answered ${setUp.status}: ${await setUp.text()}`)
  const cookie = setUp.headers.getSetCookie()[0]!.split(';')[0]!
  const call = (method: string, path: string, body?: unknown) => fetch(origin + path, {
    method, headers: { ...headers, cookie }, body: body === undefined ? undefined : JSON.stringify(body),
  })
  const key = 'bench-key-of-at-least-thirty-two-characters'
  const made = await call('POST', '/api/ingest-keys', { name: 'bench', value: key, scopes: ['telemetry', 'changes'] })
  if (!made.ok) throw new Error(`The key was refused with ${made.status}: ${await made.text()}`)

  return {
    origin, key, cookie, dataDir, call,
    otlp: `http://127.0.0.1:${otlpPort}`,
    pid: child.pid!,
    async close() {
      const ended = new Promise(done => child.once('exit', done))
      child.kill('SIGTERM')
      await ended
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

export async function until(isTrue: () => Promise<boolean>, patience = 30_000): Promise<void> {
  const end = Date.now() + patience
  for (;;) {
    if (await isTrue().catch(() => false)) return
    if (Date.now() > end) throw new Error('This took too long.')
    await new Promise(done => setTimeout(done, 100))
  }
}

export function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => done(port))
    })
  })
}
