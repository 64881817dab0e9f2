import http from 'node:http'
import { context, trace } from '@opentelemetry/api'
import { getRPCMetadata } from '@opentelemetry/core'
import './hosts.ts'
import { logError } from './spans.ts'
import { endTelemetry } from './telemetry.ts'
import type { Switches } from '../faults.ts'

export interface Call {
  params: Record<string, string>
  query: URLSearchParams
  headers: http.IncomingHttpHeaders
  body: Record<string, unknown>
}
export interface Answer {
  status: number
  body?: unknown
}
export type Routes = Record<string, (call: Call) => Promise<Answer> | Answer>

/** An answer that is a refusal: thrown anywhere below a handler. */
export class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string, name = 'Refusal') {
    super(message)
    this.status = status
    this.name = name
  }
}

let switches: Switches = {}
export const isOn = (fault: Switches['fault']) => switches.fault === fault
export const secondPort = () => switches.secondPort

/**
 * Listens on PORT and answers `METHOD /template` routes. The launcher tells which fault is on, over the channel it
 * opened; when that channel closes, whoever started this process is gone, and so is the process.
 */
export function serve(routes: Routes, { namesRoutes = true } = {}): http.Server {
  const table = Object.entries(routes).map(([route, handle]) => {
    const [method, template] = route.split(' ') as [string, string]
    const names = [...template.matchAll(/\{(\w+)\}/g)].map(match => match[1]!)
    return { method, template, names, pattern: new RegExp(`^${template.replace(/\{\w+\}/g, '([^/]+)')}$`), handle }
  })

  async function answer(request: http.IncomingMessage): Promise<Answer> {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const path = url.pathname
    const row = table.find(row => row.method === request.method && row.pattern.test(path))
    if (!row) return { status: 404, body: { error: 'no such route' } }
    const metadata = getRPCMetadata(context.active())
    if (namesRoutes && metadata) metadata.route = row.template
    const values = row.pattern.exec(path)!.slice(1).map(decodeURIComponent)
    const params = Object.fromEntries(row.names.map((name, i) => [name, values[i]!]))
    try {
      return await row.handle({ params, query: url.searchParams, headers: request.headers, body: await readJson(request) })
    }
    catch (error) {
      if (error instanceof Refusal) {
        if (error.status >= 500) trace.getActiveSpan()?.recordException(error)
        return { status: error.status, body: { error: error.message } }
      }
      logError(`${request.method} ${row.template} failed: ${(error as Error).name}`, error as Error)
      trace.getActiveSpan()?.recordException(error as Error)
      return { status: 500, body: { error: 'internal error' } }
    }
  }

  const server = http.createServer((request, response) => {
    answer(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body ?? {}))
    }).catch(error => response.destroy(error as Error))
  })
  server.on('error', (error: NodeJS.ErrnoException) => {
    process.send?.({ type: 'failed', reason: error.code ?? error.message })
    process.exit(1)
  })
  server.listen(Number(process.env.PORT), '127.0.0.1', () => {
    process.send?.({ type: 'ready', port: (server.address() as { port: number }).port })
  })

  process.on('message', (message: { type: string, switches: Switches }) => {
    if (message.type === 'switches') switches = message.switches
  })
  // Ctrl+C reaches the whole group; the launcher ends its services in order.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => void end(server))
  process.on('disconnect', () => process.exit(0))
  return server
}

let ending = false
async function end(server: http.Server) {
  if (ending) return
  ending = true
  const closed = new Promise(done => server.close(done))
  server.closeIdleConnections()
  await Promise.race([closed, new Promise(done => setTimeout(done, 1_000))])
  await Promise.race([endTelemetry(), new Promise(done => setTimeout(done, 2_000))])
  process.exit(0)
}

async function readJson(request: http.IncomingMessage): Promise<Record<string, unknown>> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  if (!text) return {}
  try {
    return JSON.parse(text) as Record<string, unknown>
  }
  catch {
    throw new Refusal(400, 'the body is not JSON', 'BadRequest')
  }
}

/** One service calling another with `fetch`; an answer of 500 or above is an error here too. */
export async function call(url: string, options: { method?: string, body?: unknown, headers?: Record<string, string> } = {}): Promise<{ status: number, body: Record<string, unknown> }> {
  const response = await fetch(url, {
    method: options.method ?? 'POST',
    headers: { ...(options.body === undefined ? {} : { 'content-type': 'application/json' }), ...options.headers },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  })
  return { status: response.status, body: await response.json() as Record<string, unknown> }
}
