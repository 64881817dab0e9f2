import { AppError, type ErrorParams } from '#shared/errors'
import type { Millis } from '#shared/units'

/** Which requests a number stands for; shown beside every figure. */
export type Population
  = | { kind: 'all' }
    /** Scaled up from samples whose ratio is known. */
    | { kind: 'estimated' }
    /** The traces that were kept; `rate` is the effective sampling ratio (0..1] where it is known. */
    | { kind: 'kept', rate?: number }

export interface SourceWarning {
  source: SourceName
  /** `unavailable`, or a code of the text catalogue (`source.warning.<code>`), with what fills it. */
  code: string
  params?: Record<string, string | number>
  since?: Date
}

/** What an answer says of a source that threw, and so is missing from it. */
export function unavailable(source: SourceName, error: unknown): SourceWarning {
  const { source: _, since, ...params } = error instanceof AppError ? error.params : {}
  const filled = Object.entries(params).filter((entry): entry is [string, string | number] => typeof entry[1] === 'string' || typeof entry[1] === 'number')
  return { source, code: 'unavailable', ...(filled.length && { params: Object.fromEntries(filled) }), ...(typeof since === 'string' && { since: new Date(since) }) }
}

export interface Answer<T> {
  data: T
  population: Population
  warnings: SourceWarning[]
}

export type SourceName = 'embedded' | 'zipkin' | 'prometheus' | 'elasticsearch'

/** How a source is asked how it is; the answer never throws. */
export interface Check {
  /** Nothing that was found out before is believed: somebody has mended something. */
  anew?: boolean
  signal?: AbortSignal
}

export interface SourceHealth {
  state: 'ok' | 'late' | 'failed' | 'idle'
  /** Newest datum held, by the sender's clock. */
  lastReceived?: Date
  latency: Millis
  /** What is wrong, when anything is: the `params` of what the source would throw. */
  trouble?: ErrorParams
  /** Of the backend's program. */
  version?: string
  /** What was found out about the backend: codes of the text catalogue (`source.found.<code>`) with what fills them. */
  found?: { code: string, params?: Record<string, string | number> }[]
  /** How far the backend's clock is ahead of ours, ms; negative: behind. */
  clockAhead?: Millis
}
