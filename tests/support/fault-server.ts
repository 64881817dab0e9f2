import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { onTestFinished } from 'vitest'

/** What a backend may do to who asks it. */
export type Fault
  = | 'none' | 'hangs' | 'half' | 'drip' | 'html' | 'garbage' | 'wrong_shape' | 'huge' | 'bomb' | 'redirect' | 'closes' | 'not_http'
    | { status: number, headers?: Record<string, string> }
    /** Answers after so many milliseconds. */
    | { slow: number }

export interface Hit {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: string
}

/**
 * A backend that plays a fault for every call, or for each path another one. `healthy` is what it says when it is well:
 * JSON by path, or a handler of its own. It can be taken down and brought back on the same port.
 */
export async function startFaultServer(healthy: Record<string, unknown> | ((request: IncomingMessage, response: ServerResponse, body: string) => void) = {}) {
  const hits: Hit[] = []
  const sockets = new Set<Socket>()
  let fault: Fault | ((request: IncomingMessage) => Fault) = 'none'
  let open = 0

  const server = createServer(async (request, response) => {
    const body = (await Array.fromAsync(request as AsyncIterable<Buffer>).catch(() => [])).join('')
    hits.push({ method: request.method!, path: request.url!, headers: request.headers, body })
    open++
    response.on('close', () => open--)
    play(typeof fault === 'function' ? fault(request) : fault, request, response, body)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await listen(0)
  const { port } = server.address() as AddressInfo

  function listen(at: number): Promise<void> {
    return new Promise(resolve => server.listen(at, '127.0.0.1', resolve))
  }

  function answer(request: IncomingMessage, response: ServerResponse, body: string) {
    if (typeof healthy === 'function') return healthy(request, response, body)
    const known = healthy[request.url!.split('?', 1)[0]!]
    const text = JSON.stringify(known)
    response.writeHead(known === undefined ? 404 : 200, { 'content-type': known === undefined ? 'text/plain' : 'application/json' }).end(text ?? 'nothing here')
  }

  function play(what: Fault, request: IncomingMessage, response: ServerResponse, body: string) {
    const json = { 'content-type': 'application/json' }
    if (what === 'none') return answer(request, response, body)
    if (typeof what === 'object') {
      if ('status' in what) return response.writeHead(what.status, { 'content-type': 'text/plain', ...what.headers }).end('secret detail of the backend')
      const timer = setTimeout(() => answer(request, response, body), what.slow)
      return response.on('close', () => clearTimeout(timer))
    }
    switch (what) {
      case 'hangs': return
      case 'closes': return request.socket.destroy()
      case 'not_http': return void request.socket.end('220 mail.example ESMTP\r\n')
      case 'redirect': return response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end()
      case 'html': return response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>')
      case 'garbage': return response.writeHead(200, json).end('{"data": [1, NaN, +Inf')
      case 'wrong_shape': return response.writeHead(200, json).end('{"surprise":true}')
      case 'half':
        response.writeHead(200, { ...json, 'content-length': 1_000 }).write('{"data": [')
        return setTimeout(() => request.socket.destroy(), 20)
      case 'drip': {
        response.writeHead(200, json).write('[')
        const timer = setInterval(() => response.write(' '), 20)
        return response.on('close', () => clearInterval(timer))
      }
      case 'huge': {
        response.writeHead(200, json)
        const chunk = Buffer.alloc(1024 * 1024, ' ')
        let left = 1_024
        const write = () => {
          while (left-- > 0) if (!response.write(chunk)) return response.once('drain', write)
          response.end()
        }
        return write()
      }
      case 'bomb':
        return response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(bomb)
    }
  }

  async function stop() {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  }
  onTestFinished(async () => {
    if (server.listening) await stop()
  })

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    hits,
    /** From now on; a function decides for each call. */
    play(next: typeof fault) {
      if (next === 'bomb') bomb ??= gzipSync(Buffer.alloc(200 * 1024 * 1024))
      fault = next
    },
    /** Calls that were not answered or left yet. */
    open: () => open,
    sockets: () => sockets.size,
    down: stop,
    up: () => listen(port),
  }
}

let bomb: Buffer | undefined
