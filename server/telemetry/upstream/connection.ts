import { Pool, type Dispatcher } from 'undici'
import { SECOND, type Millis } from '#shared/units'
import { checkedLookup } from './address'
import { drop, retryAfter } from './answer-head'
import type { Backend } from './credentials'
import { pause } from './deadlines'
import { isPath, NotAPath } from './path'
import { reasonOfFailure } from './trouble'

export interface Question {
  method: 'GET' | 'POST' | 'DELETE'
  path: string
  /** Values are encoded; undefined ones are left out, lists repeat their name. */
  query?: Record<string, string | number | boolean | readonly string[] | undefined>
  body?: string
  contentType?: string
  repeatable: boolean
  /** As it is: what is large takes longer to compress than to send. Zipkin sent 2.9 MB in 42 ms, and as 150 KB in 350 ms. */
  plain?: boolean
}

export type Connection = ReturnType<typeof createConnection>

/** The wire to one backend: no other address, no redirects, its credentials on every question. `connect` is how long a connection may take, ms. */
export function createConnection({ url, credentials = () => ({}), ca, connections, connect }: Backend & { connections: number, connect: Millis }) {
  const base = new URL(url)
  const prefix = base.pathname.replace(/\/+$/, '')
  const pool = new Pool(base.origin, {
    connections, pipelining: 1, allowH2: false, keepAliveTimeout: 10 * SECOND, headersTimeout: 0, bodyTimeout: 0,
    connect: { timeout: connect, lookup: checkedLookup, ...(ca !== undefined && { ca }) },
  })

  function send({ method, path, query, body, contentType, plain }: Question, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    if (!isPath(path)) throw new NotAPath(path)
    const given = new URLSearchParams(Object.entries(query ?? {}).flatMap(([name, value]) => (value === undefined ? [] : Array.isArray(value) ? value.map(each => [name, each]) : [[name, String(value)]])))
    return pool.request({
      method, path: `${prefix}${path}${given.size ? `?${given}` : ''}`, body, signal,
      headers: { 'accept': 'application/json', 'accept-encoding': plain ? 'identity' : 'gzip', ...(contentType && { 'content-type': contentType }), ...credentials() },
    })
  }

  return {
    send,

    /** Asked once more where nothing was lost by it: over a connection that had just been closed, or after a moment's overload. */
    async sendPatiently(question: Question, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
      try {
        const response = await send(question, signal)
        if (!question.repeatable || ![429, 502, 503, 504].includes(response.statusCode) || retryAfter(response) !== undefined) return response
        drop(response, signal)
      }
      catch (error) {
        if (!question.repeatable || signal.aborted || reasonOfFailure(error) !== 'cut_off') throw error
      }
      await pause(50 + Math.round(100 * Math.random()), signal)
      return send(question, signal)
    },

    /** Whether anybody is at home: who refuses our credentials answers too. `probe` is a path with its query. */
    async answers(probe: string): Promise<boolean> {
      const signal = AbortSignal.timeout(SECOND)
      try {
        const response = await pool.request({ method: 'GET', path: prefix + probe, signal, headers: credentials() })
        drop(response, signal)
        return response.statusCode < 500 && response.statusCode !== 429
      }
      catch {
        return false
      }
    },

    /** Ends what is under way. */
    close: () => pool.destroy(),
  }
}
