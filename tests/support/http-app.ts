import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp, createRouter, toNodeListener, type EventHandler } from 'h3'
import { onTestFinished } from 'vitest'
import { readConfig } from '#server/config'
import type { Services } from '#server/services'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  json: <T = Record<string, unknown>>() => T
}

export interface Ask {
  method?: string
  headers?: Record<string, string>
  /** Sent as JSON unless it is text or bytes already. */
  body?: unknown
  /** Without saying how much it is. */
  chunked?: boolean
}

/**
 * Handlers on a real server, with real sockets and headers, as Nitro would mount them: `{ 'GET /api/things/:id': … }`.
 * `fetch` would not let a test send the headers a browser guards, so requests are made by hand.
 */
export async function startApp(routes: Record<string, EventHandler>, services: Partial<Services>) {
  const app = createApp({ onRequest: event => void Object.assign(event.context, { services: { config: readConfig({}), ...services } }) })
  const router = createRouter()
  for (const [route, handler] of Object.entries(routes)) {
    const [method = '', path = ''] = route.split(' ')
    if (method === '*') router.use(path, handler)
    else router.add(path, handler, method.toLowerCase() as 'get')
  }
  app.use(router)
  const server = createServer(toNodeListener(app)).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo

  return {
    port,
    ask: (path: string, { method = 'GET', headers = {}, body, chunked }: Ask = {}) => new Promise<Answer>((resolve, reject) => {
      const payload = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
      const request = httpRequest({ port, host: '127.0.0.1', path, method, headers: {
        ...(payload !== undefined && { 'content-type': 'application/json', ...(chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(Buffer.byteLength(payload)) }) }),
        ...headers,
      } }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', chunk => chunks.push(chunk))
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          resolve({ status: response.statusCode!, headers: response.headers, text, json: () => JSON.parse(text) })
        })
      })
      request.on('error', reject)
      request.end(payload)
    }),
  }
}
