import type { Dispatcher } from 'undici'
import type { z } from 'zod'
import type { AppError, ErrorParams } from '#shared/errors'
import type { TroubleReason } from '#shared/source-trouble'
import { drop, encodingOf, needJson, retryAfter } from './answer-head'
import { readBody, readText } from './body'

type Trouble = (reason: TroubleReason, params?: ErrorParams, cause?: unknown) => AppError
export type Read<T> = (response: Dispatcher.ResponseData, signal: AbortSignal) => Promise<T>

interface Wanted {
  maxBytes: number
  /** Statuses that are answers too. */
  accept?: readonly number[]
  /** A status that says there is none. */
  missing?: number
}

/** What a backend's answer is, or the trouble it tells of. */
export function createAnswers(trouble: Trouble) {
  /** Everything but an answer to what was asked ends here. */
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

  function parse<T>(text: string, schema: z.ZodType<T>): T {
    let value: unknown
    try {
      value = JSON.parse(text)
    }
    catch (error) {
      throw trouble('bad_answer', {}, error)
    }
    const parsed = schema.safeParse(value)
    if (!parsed.success) throw trouble('bad_answer', {}, parsed.error)
    return parsed.data
  }

  return {
    /** JSON as the schema has it; undefined where the status says that there is none. */
    json: <T>(schema: z.ZodType<T>, { maxBytes, accept, missing }: Wanted): Read<T | undefined> => async (response, signal) => {
      try {
        if (response.statusCode === missing) return undefined
        judge(response, accept)
        needJson(response)
        return parse(await readText(readBody(response.body, encodingOf(response), maxBytes)), schema)
      }
      catch (error) {
        // An explanation that cannot be read: the status alone has to say what is wrong.
        if (!signal.aborted) judge(response)
        throw error
      }
      finally {
        drop(response, signal)
      }
    },

    /** Its body, inflated, as it arrives. */
    pieces: <T>(read: (body: AsyncIterable<Buffer>) => Promise<T>, { maxBytes, accept, missing }: Wanted): Read<T | undefined> => async (response, signal) => {
      try {
        if (response.statusCode === missing) return undefined
        judge(response, accept)
        needJson(response)
        return await read(readBody(response.body, encodingOf(response), maxBytes))
      }
      finally {
        drop(response, signal)
      }
    },
  }
}
