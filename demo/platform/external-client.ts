import http from 'node:http'
import { type Attributes, context, trace } from '@opentelemetry/api'
import { urlOf } from './hosts.ts'
import { log, logError } from './spans.ts'
import { spanOf } from './telemetry.ts'

/** When waiting becomes worth a line in the log. */
const patience = 4_000
const agent = new http.Agent({ keepAlive: true, maxSockets: 256 })

export class TimeoutError extends Error {
  override readonly name = 'TimeoutError'
}

export interface ExternalCall {
  method: 'GET' | 'POST'
  path: string
  body?: unknown
  timeout: number
  attributes?: Attributes
}

/** Gives up when the whole answer is not there in time: the connection goes, the other side's work does not. */
export function callExternal({ method, path, body, timeout, attributes = {} }: ExternalCall): Promise<{ status: number, body: Record<string, unknown> }> {
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
    // What is said about the call belongs to the call's own span.
    const span = spanOf(request)
    const within = (say: () => void) => context.with(span ? trace.setSpan(context.active(), span) : context.active(), say)

    within(() => log('info', `calling external-api, timeout=${timeout}`, attributes))
    const notice = setTimeout(() => within(() => log('warn', `still waiting after ${patience} ms, peer=external-api`, attributes)), patience)
    const limit = setTimeout(() => request.destroy(new TimeoutError(`no response within ${timeout} ms`)), timeout)
    request.on('close', () => {
      clearTimeout(notice)
      clearTimeout(limit)
    })
    request.on('error', (error) => {
      within(() => logError(`external call failed: ${error.name}`, error, { ...attributes, 'server.address': 'external-api' }))
      fail(error)
    })
    request.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
