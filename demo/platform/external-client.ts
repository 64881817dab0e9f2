import http from 'node:http'
import { urlOf } from './hosts.ts'

const agent = new http.Agent({ keepAlive: true, maxSockets: 256 })

export class TimeoutError extends Error {
  override readonly name = 'TimeoutError'
}

export interface ExternalCall {
  method: 'GET' | 'POST'
  path: string
  body?: unknown
  timeout: number
  onStillWaiting?: (milliseconds: number) => void
}

/** Gives up when the whole answer is not there in time: the connection goes, the other side's work does not. */
export function callExternal({ method, path, body, timeout, onStillWaiting }: ExternalCall): Promise<{ status: number, body: Record<string, unknown> }> {
  return new Promise((done, fail) => {
    const request = http.request(urlOf('external-api', path), { method, agent, headers: { 'content-type': 'application/json' } }, async (response) => {
      try {
        let text = ''
        for await (const chunk of response.setEncoding('utf8')) text += chunk
        done({ status: response.statusCode!, body: JSON.parse(text) as Record<string, unknown> })
      }
      catch (error) {
        fail(error as Error)
      }
    })
    const notice = setTimeout(() => onStillWaiting?.(4_000), 4_000)
    const limit = setTimeout(() => request.destroy(new TimeoutError(`no response within ${timeout} ms`)), timeout)
    request.on('close', () => {
      clearTimeout(notice)
      clearTimeout(limit)
    })
    request.on('error', fail)
    request.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
