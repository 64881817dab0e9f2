import { Pool, type Dispatcher } from 'undici'
import type { z } from 'zod'
import type { Clock } from '#server/clock'
import { isInRounds } from '#server/rounds'
import { AppError, type ErrorParams } from '#shared/errors'
import type { TroubleReason } from '#shared/source-trouble'
import { SECOND, type Millis } from '#shared/units'
import { checkedLookup } from './address'
import { clockDifference, drop, encodingOf, needJson, retryAfter } from './answer-head'
import { readBody, readText, TooLarge, WrongContent } from './body'
import { createBreaker } from './breaker'
import { BulkheadFull, createBulkhead, type Lane } from './bulkhead'
import { createCoalescing } from './coalesce'
import type { Backend } from './credentials'
import { headWithin, isTimeout, pause, signalOf } from './deadlines'
import { isPath, NotAPath } from './path'
import { isCounted, reasonOf, reasonOfFailure, sourceTrouble, type BackendName } from './trouble'

export { path } from './path'
export { reasonOf, sourceTrouble, type BackendName } from './trouble'

const MIB = 1024 * 1024
export const house = {
  /** For a connection to stand, ms. */
  connect: 500,
  /** For a whole answer, waiting for a free connection included, ms. */
  deadline: 5 * SECOND,
  /** For a body that is handed over as it arrives, ms. */
  streamDeadline: 60 * SECOND,
  /** For a check, however many questions it asks, ms. */
  checkDeadline: 3 * SECOND,
  /** Of an answer, inflated. */
  maxBytes: 16 * MIB,
  /** Calls at once, by who asks; people cannot keep our own rounds waiting. */
  most: { people: 8, rounds: 4 } as Record<Lane, number>,
  mostWaiting: 64,
}

export interface CallOptions {
  /** Values are encoded; undefined ones are left out, lists repeat their name. */
  query?: Record<string, string | number | boolean | readonly string[] | undefined>
  signal?: AbortSignal
  /** For the whole answer, ms. */
  deadline?: Millis
  maxBytes?: number
  /** Statuses that are answers too where the same schema can read them: a backend may explain a refusal in JSON. */
  accept?: readonly number[]
}

export interface PostOptions extends CallOptions {
  /** False where asking twice is not asking once: neither shared with who asks the same now, nor sent again. */
  repeatable?: boolean
  /** Of a body given as text; objects are sent as JSON, `URLSearchParams` as a form. */
  contentType?: string
}

/** A call that is done past the breaker: what was found, or what is wrong. */
export type Checked<T> = { latency: Millis, /** How far the backend's clock is ahead of ours, ms, where it says what time it is. */ clockAhead?: Millis } & ({ found: T } | { trouble: AppError })

export interface UpstreamOptions extends Backend {
  source: BackendName
  clock: Clock
  /** Path and query that every release of the backend answers cheaply; asked while nobody else may. */
  probe: string
  limits?: Partial<typeof house>
}

export type Upstream = ReturnType<typeof createUpstream>

/**
 * The one way to a backend. Whatever goes wrong is `AppError('source.unavailable')` with a reason; what the caller's
 * own signal ended throws the signal's reason. Answers are shared by all who ask the same at the same time, so they
 * are read, never changed; a schema is a constant of its module, or nothing is shared.
 */
export function createUpstream({ source, url, credentials = () => ({}), ca, clock, probe, limits }: UpstreamOptions) {
  const { connect, deadline: usualDeadline, streamDeadline, checkDeadline, maxBytes: usualBytes, most, mostWaiting } = { ...house, ...limits }
  const base = new URL(url)
  const prefix = base.pathname.replace(/\/+$/, '')
  const pool = new Pool(base.origin, {
    // One more for the probe, which must not wait behind what hangs.
    connections: most.people + most.rounds + 1, pipelining: 1, allowH2: false, keepAliveTimeout: 10 * SECOND, headersTimeout: 0, bodyTimeout: 0,
    connect: { timeout: connect, lookup: checkedLookup, ...(ca !== undefined && { ca }) },
  })
  const bulkhead = createBulkhead({ most, mostWaiting })
  const coalesce = createCoalescing()
  const breaker = createBreaker({ clock, probe: () => answers() })
  let failingSince: Date | undefined

  const trouble = (reason: TroubleReason, params?: ErrorParams, cause?: unknown) => sourceTrouble(source, reason, params, cause)

  interface Question {
    method: 'GET' | 'POST' | 'DELETE'
    path: string
    query?: CallOptions['query']
    body?: string
    contentType?: string
    repeatable: boolean
    /** As it is: what is large takes longer to compress than to send. Zipkin sent 2.9 MB in 42 ms, and as 150 KB in 350 ms. */
    plain?: boolean
  }
  type Read<T> = (response: Dispatcher.ResponseData, signal: AbortSignal) => Promise<T>

  function send({ method, path, query, body, contentType, plain }: Question, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    if (!isPath(path)) throw new NotAPath(path)
    const given = new URLSearchParams(Object.entries(query ?? {}).flatMap(([name, value]) => (value === undefined ? [] : Array.isArray(value) ? value.map(each => [name, each]) : [[name, String(value)]])))
    return pool.request({
      method, path: `${prefix}${path}${given.size ? `?${given}` : ''}`, body, signal,
      headers: { 'accept': 'application/json', 'accept-encoding': plain ? 'identity' : 'gzip', ...(contentType && { 'content-type': contentType }), ...credentials() },
    })
  }

  /** Asked once more where nothing was lost by it: over a connection that had just been closed, or after a moment's overload. */
  async function sendPatiently(question: Question, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
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
  }

  async function run<T>(question: Question, read: Read<T>, signal: AbortSignal): Promise<T> {
    if (breaker.opened) throw trouble('paused', { seconds: Math.max(1, Math.ceil(breaker.wait / SECOND)), since: (failingSince ?? breaker.opened).toISOString() })
    let leave: (() => void) | undefined
    const lane = laneOf()
    const crowded = bulkhead.isFull(lane)
    try {
      leave = await bulkhead.enter(lane, signal)
      const value = await read(await sendPatiently(question, signal), signal)
      succeed()
      return value
    }
    catch (error) {
      // Who had to wait for a place ran out of time over us, which says nothing against the backend.
      throw tell(crowded && signal.aborted && isTimeout(signal.reason) ? trouble('busy', {}, error) : error, signal)
    }
    finally {
      leave?.()
    }
  }

  function succeed() {
    failingSince = undefined
    breaker.succeed()
  }

  /** As our own error, and to the breaker where the backend itself is in trouble. */
  function tell(error: unknown, signal: AbortSignal): unknown {
    const known = toTrouble(error, signal)
    const reason = reasonOf(known)
    if (isCounted(reason)) {
      failingSince ??= clock.now();
      (known as AppError).params.since = failingSince.toISOString()
    }
    if (reason === 'overloaded') breaker.fail(pauseOf(known as AppError))
    else if (isCounted(reason)) breaker.fail()
    // Whatever it said of the question: somebody is at home.
    else if (reason !== undefined && reason !== 'busy' && reason !== 'paused') succeed()
    return known
  }

  function toTrouble(error: unknown, signal: AbortSignal): unknown {
    if (error instanceof AppError || error instanceof NotAPath) return error
    if (signal.aborted && !isTimeout(signal.reason)) return signal.reason
    if (error instanceof BulkheadFull) return trouble('busy', {}, error)
    if (error instanceof TooLarge) return trouble('too_large', {}, error)
    if (error instanceof WrongContent) return trouble('wrong_content', {}, error)
    return trouble(signal.aborted ? 'timeout' : reasonOfFailure(error), {}, error)
  }

  /** Everything but an answer to what was asked ends here; a 404 is one to who says so. */
  function judge(response: Dispatcher.ResponseData, accept: readonly number[] = []): void {
    const { statusCode: status } = response
    if ((status >= 200 && status < 300) || accept.includes(status)) return
    if (status >= 300 && status < 400) throw trouble('redirect', { status })
    if (status === 401) throw trouble('unauthorised', { status })
    if (status === 403) throw trouble('forbidden', { status })
    if (status === 404) throw trouble('not_found', { status })
    if (status === 429 || status === 503) throw trouble('overloaded', { status, seconds: retryAfter(response) })
    throw trouble(status >= 500 ? 'failing' : 'rejected', { status })
  }

  function readJson<T>(schema: z.ZodType<T>, options: CallOptions): Read<T>
  function readJson<T>(schema: z.ZodType<T>, options: CallOptions, missing: 404): Read<T | undefined>
  function readJson<T>(schema: z.ZodType<T>, { accept, maxBytes = usualBytes }: CallOptions, missing?: number): Read<T | undefined> {
    return async (response, signal) => {
      try {
        if (response.statusCode === missing) return undefined
        judge(response, accept)
        needJson(response)
        const text = await readText(readBody(response.body, encodingOf(response), maxBytes))
        const parsed = schema.safeParse(parseJson(text))
        if (!parsed.success) throw trouble('bad_answer', {}, parsed.error)
        return parsed.data
      }
      catch (error) {
        // An explanation that cannot be read: the status alone has to say what is wrong.
        if (!signal.aborted) judge(response)
        throw error
      }
      finally {
        drop(response, signal)
      }
    }
  }

  function parseJson(text: string): unknown {
    try {
      return JSON.parse(text)
    }
    catch (error) {
      throw trouble('bad_answer', {}, error)
    }
  }

  function shared<T>(kind: object, question: Question, options: CallOptions, read: Read<T>): Promise<T> {
    const own = signalOf(options, usualDeadline)
    if (!question.repeatable) return run(question, read, own)
    const { method, path, query, body } = question
    return coalesce(kind, JSON.stringify([method, path, query, body, options.maxBytes, laneOf(), options.accept]), own, signal => run(question, read, signal))
      .catch((error: unknown) => {
        throw toTrouble(error, own)
      })
  }

  /** Whether anybody is at home: who refuses our credentials answers too. */
  async function answers(): Promise<boolean> {
    const signal = AbortSignal.timeout(SECOND)
    try {
      const response = await pool.request({ method: 'GET', path: prefix + probe, signal, headers: credentials() })
      drop(response, signal)
      return response.statusCode < 500 && response.statusCode !== 429
    }
    catch {
      return false
    }
  }

  const absent = new WeakMap<object, object>()

  return {
    source,
    /** JSON of at most `maxBytes`, as the schema has it. */
    get: <T>(path: string, schema: z.ZodType<T>, options: CallOptions = {}): Promise<T> =>
      shared(schema, { method: 'GET', path, query: options.query, repeatable: true }, options, readJson(schema, options)),

    /** The same; 404 is an answer: undefined. */
    find<T>(path: string, schema: z.ZodType<T>, options: CallOptions = {}): Promise<T | undefined> {
      const kind = absent.get(schema) ?? {}
      absent.set(schema, kind)
      return shared(kind, { method: 'GET', path, query: options.query, repeatable: true }, options, readJson(schema, options, 404))
    },

    /** A question too long for an address. */
    post: <T>(path: string, body: object | string | URLSearchParams, schema: z.ZodType<T>, options: PostOptions = {}): Promise<T> =>
      shared(schema, { method: 'POST', path, query: options.query, ...encoded(body, options.contentType), repeatable: options.repeatable ?? true }, options, readJson(schema, options)),

    /** Ends something that we began there; never asked twice. */
    remove: <T>(path: string, body: object, schema: z.ZodType<T>, options: CallOptions = {}): Promise<T> =>
      shared(schema, { method: 'DELETE', path, query: options.query, ...encoded(body), repeatable: false }, options, readJson(schema, options)),

    /** Hands a body of JSON over as it arrives, inflated and bounded by `maxBytes`; 404 is undefined. */
    stream<T>(path: string, read: (body: AsyncIterable<Buffer>) => Promise<T>, options: CallOptions = {}): Promise<T | undefined> {
      const head = headWithin(usualDeadline, signalOf(options, streamDeadline))
      return run({ method: 'GET', path, query: options.query, repeatable: true, plain: true }, async (response, signal) => {
        try {
          head.arrived()
          if (response.statusCode === 404) return undefined
          judge(response, options.accept)
          needJson(response)
          return await read(readBody(response.body, encodingOf(response), options.maxBytes ?? usualBytes))
        }
        finally {
          drop(response, signal)
        }
      }, head.signal)
    },

    /**
     * For a source's `check`: asked even while the breaker is open, which it closes. Never throws.
     * `ask` gets a `get` of its own, and throws `sourceTrouble(…, 'wrong_product')` where somebody else answers.
     */
    async check<T>(ask: (get: <A>(path: string, schema: z.ZodType<A>, options?: CallOptions) => Promise<A>) => Promise<T>, signal?: AbortSignal): Promise<Checked<T>> {
      const began = clock.monotonic()
      const own = signalOf({ signal }, checkDeadline)
      let clockAhead: Millis | undefined
      try {
        const found = await ask(async (path, schema, options = {}) => {
          const response = await send({ method: 'GET', path, query: options.query, repeatable: true }, own)
          clockAhead ??= clockDifference(response, clock.now())
          return readJson(schema, options)(response, own)
        })
        succeed()
        return { found, latency: clock.monotonic() - began, ...(clockAhead !== undefined && { clockAhead }) }
      }
      catch (error) {
        const known = tell(error, own)
        return { trouble: reasonOf(known) === undefined ? trouble('bad_answer', {}, known) : known as AppError, latency: clock.monotonic() - began }
      }
    },

    /** Ends what is under way. */
    async close(): Promise<void> {
      breaker.end()
      await pool.destroy()
    },
  }
}

/** Rounds of our own have connections of their own. */
function laneOf(): Lane {
  return isInRounds() ? 'rounds' : 'people'
}

function encoded(body: object | string | URLSearchParams, contentType = 'application/json'): { body: string, contentType: string } {
  if (body instanceof URLSearchParams) return { body: body.toString(), contentType: 'application/x-www-form-urlencoded' }
  return { body: typeof body === 'string' ? body : JSON.stringify(body), contentType }
}

function pauseOf({ params }: AppError): Millis | undefined {
  return params.seconds === undefined ? undefined : Number(params.seconds) * SECOND
}
