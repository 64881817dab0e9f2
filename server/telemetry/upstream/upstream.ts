import type { z } from 'zod'
import type { Clock } from '#server/clock'
import { isInRounds } from '#server/rounds'
import { AppError, type ErrorParams } from '#shared/errors'
import type { TroubleReason } from '#shared/source-trouble'
import { SECOND, type Millis } from '#shared/units'
import { clockDifference } from './answer-head'
import { createAnswers, type Read } from './answers'
import { TooLarge, WrongContent } from './body'
import { createBreaker } from './breaker'
import { BulkheadFull, createBulkhead, type Lane } from './bulkhead'
import { createCoalescing } from './coalesce'
import { createConnection, type Question } from './connection'
import type { Backend } from './credentials'
import { headWithin, isTimeout, signalOf } from './deadlines'
import { NotAPath } from './path'
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
  query?: Question['query']
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
export function createUpstream({ source, url, credentials, ca, clock, probe, limits }: UpstreamOptions) {
  const { connect, deadline: usualDeadline, streamDeadline, checkDeadline, maxBytes: usualBytes, most, mostWaiting } = { ...house, ...limits }
  // One more for the probe, which must not wait behind what hangs.
  const connection = createConnection({ url, credentials, ca, connections: most.people + most.rounds + 1, connect })
  const bulkhead = createBulkhead({ most, mostWaiting })
  const coalesce = createCoalescing()
  const breaker = createBreaker({ clock, probe: () => connection.answers(probe) })
  let failingSince: Date | undefined

  const trouble = (reason: TroubleReason, params?: ErrorParams, cause?: unknown) => sourceTrouble(source, reason, params, cause)
  const answers = createAnswers(trouble)

  async function run<T>(question: Question, read: Read<T>, signal: AbortSignal): Promise<T> {
    if (breaker.opened) throw trouble('paused', { seconds: Math.max(1, Math.ceil(breaker.wait / SECOND)), since: (failingSince ?? breaker.opened).toISOString() })
    let leave: (() => void) | undefined
    const lane = laneOf()
    const crowded = bulkhead.isFull(lane)
    try {
      leave = await bulkhead.enter(lane, signal)
      const value = await read(await connection.sendPatiently(question, signal), signal)
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

  const bounded = ({ accept, maxBytes = usualBytes }: CallOptions) => ({ accept, maxBytes })
  const json = <T>(schema: z.ZodType<T>, options: CallOptions) => answers.json(schema, bounded(options)) as Read<T>

  function shared<T>(kind: object, question: Question, options: CallOptions, read: Read<T>): Promise<T> {
    const own = signalOf(options, usualDeadline)
    if (!question.repeatable) return run(question, read, own)
    const { method, path, query, body } = question
    return coalesce(kind, JSON.stringify([method, path, query, body, options.maxBytes, laneOf(), options.accept]), own, signal => run(question, read, signal))
      .catch((error: unknown) => {
        throw toTrouble(error, own)
      })
  }

  const absent = new WeakMap<object, object>()

  return {
    source,
    /** JSON of at most `maxBytes`, as the schema has it. */
    get: <T>(path: string, schema: z.ZodType<T>, options: CallOptions = {}): Promise<T> =>
      shared(schema, { method: 'GET', path, query: options.query, repeatable: true }, options, json(schema, options)),

    /** The same; 404 is an answer: undefined. */
    find<T>(path: string, schema: z.ZodType<T>, options: CallOptions = {}): Promise<T | undefined> {
      const kind = absent.get(schema) ?? {}
      absent.set(schema, kind)
      return shared(kind, { method: 'GET', path, query: options.query, repeatable: true }, options, answers.json(schema, { ...bounded(options), missing: 404 }))
    },

    /** A question too long for an address. */
    post: <T>(path: string, body: object | string | URLSearchParams, schema: z.ZodType<T>, options: PostOptions = {}): Promise<T> =>
      shared(schema, { method: 'POST', path, query: options.query, ...encoded(body, options.contentType), repeatable: options.repeatable ?? true }, options, json(schema, options)),

    /** Ends something that we began there; never asked twice. */
    remove: <T>(path: string, body: object, schema: z.ZodType<T>, options: CallOptions = {}): Promise<T> =>
      shared(schema, { method: 'DELETE', path, query: options.query, ...encoded(body), repeatable: false }, options, json(schema, options)),

    /** Hands a body of JSON over as it arrives, inflated and bounded by `maxBytes`; 404 is undefined. */
    stream<T>(path: string, read: (body: AsyncIterable<Buffer>) => Promise<T>, options: CallOptions = {}): Promise<T | undefined> {
      const head = headWithin(usualDeadline, signalOf(options, streamDeadline))
      const pieces = answers.pieces(read, { ...bounded(options), missing: 404 })
      return run({ method: 'GET', path, query: options.query, repeatable: true, plain: true }, (response, signal) => {
        head.arrived()
        return pieces(response, signal)
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
          const response = await connection.send({ method: 'GET', path, query: options.query, repeatable: true }, own)
          clockAhead ??= clockDifference(response, clock.now())
          return json(schema, options)(response, own)
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
      await connection.close()
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
