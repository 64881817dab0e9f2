import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sixFreePorts } from '../../support/free-ports.ts'

export const root = fileURLToPath(new URL('../../../', import.meta.url))

export interface Asked {
  what: string
  status: number
  /** Head and body, as they came. */
  text: string
  setCookie: string | undefined
  json: <T = Record<string, string>>() => T
}

/** The built app on a directory of its own, for tests that read everything it writes; every answer it gives is kept. */
export async function startOwnApp(env: Record<string, string> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'bongsu-own-'))
  const port = await sixFreePorts(27_400)
  const otlpPort = port + 1
  const origin = `http://127.0.0.1:${port}`
  const child = spawn(process.execPath, [`${root}.output/server/index.mjs`], {
    env: { ...process.env, PORT: String(port), NUXT_OTLP_PORT: String(otlpPort), NUXT_OTLP_GRPC_PORT: '0', NUXT_DATA_DIR: dataDir, NUXT_LOG_LEVEL: 'trace', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const setupToken = await new Promise<string>((found, failed) => {
    child.once('exit', code => failed(new Error(`The app ended with ${code} before it was ready:\n${output}`)))
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk
        const link = /\/setup#([\w-]+)/.exec(output)
        if (link) found(link[1]!)
      })
    }
  })
  const answers: Asked[] = []

  return {
    origin, dataDir, setupToken, answers,
    otlp: `http://127.0.0.1:${otlpPort}`,
    output: () => output,

    async ask(url: string, { method = 'GET', headers = {}, body }: { method?: string, headers?: Record<string, string>, body?: unknown } = {}): Promise<Asked> {
      const response = await fetch(url.startsWith('/') ? origin + url : url, {
        method, redirect: 'manual',
        headers: { origin, accept: url.startsWith('/api/') ? 'application/json' : 'text/html', ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
      })
      const text = await response.text()
      const asked: Asked = {
        what: `${method} ${url}`, status: response.status,
        text: `${[...response.headers].filter(([name]) => name !== 'set-cookie').map(header => header.join(': ')).join('\n')}\n\n${text}`,
        setCookie: response.headers.getSetCookie().at(-1)?.split(';')[0],
        json: () => JSON.parse(text),
      }
      answers.push(asked)
      return asked
    },

    async close() {
      const ended = new Promise(done => child.once('exit', done))
      child.kill('SIGTERM')
      await ended
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

export type OwnApp = Awaited<ReturnType<typeof startOwnApp>>

/** Paths of pages, with the names of what stands in them: `/traces/:traceId`. */
export function builtPages(): string[] {
  return (JSON.parse(readFileSync(`${root}.nuxt/pages.json`, 'utf8')) as { path: string }[]).map(({ path }) => path.replace(/\(\)/g, ''))
}
