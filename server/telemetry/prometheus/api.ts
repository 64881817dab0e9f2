import { z } from 'zod'
import { isInRounds } from '#server/rounds'
import type { Millis } from '#shared/units'
import type { SourceWarning } from '../ports'
import { path, sourceTrouble, type Upstream } from '../upstream/upstream'

/** What a query cannot be answered for: the backend's own words. */
export class QueryRefused extends Error {
  readonly kind: string

  constructor(kind: string, message: string) {
    super(message)
    this.name = 'QueryRefused'
    this.kind = kind
  }
}

export type Labels = Readonly<Record<string, string>>

export interface NativeHistogram {
  count: number
  sum: number
  classes: { from: number, to: number, count: number }[]
}

export interface Point {
  /** Seconds since the epoch. */
  at: number
  /** Undefined where the answer is not a number. */
  value?: number
  histogram?: NativeHistogram
}

export interface Series {
  labels: Labels
  points: Point[]
}

export interface Queried {
  kind: 'vector' | 'matrix' | 'scalar' | 'string'
  series: Series[]
  warnings: SourceWarning[]
}

const labels = z.record(z.string(), z.string())
const sample = z.tuple([z.number(), z.unknown()])
const series = z.looseObject({ metric: labels.default({}), value: sample.optional(), values: z.array(sample).optional(), histogram: sample.optional(), histograms: z.array(sample).optional() })
const refused = { status: z.literal('error'), errorType: z.string().default('unknown'), error: z.string().default('') }
const told = { warnings: z.array(z.string()).optional(), infos: z.array(z.string()).optional() }

function envelope<T extends z.ZodType>(data: T) {
  return z.discriminatedUnion('status', [z.object({ status: z.literal('success'), data, ...told }), z.object(refused)])
}

const result = z.discriminatedUnion('resultType', [
  z.object({ resultType: z.literal('vector'), result: z.array(series) }),
  z.object({ resultType: z.literal('matrix'), result: z.array(series) }),
  z.object({ resultType: z.literal('scalar'), result: sample }),
  z.object({ resultType: z.literal('string'), result: sample }),
])
const queryAnswer = envelope(result)
const listAnswer = envelope(z.array(z.string()).nullable())
const seriesAnswer = envelope(z.array(labels).nullable())
const metadataAnswer = envelope(z.record(z.string(), z.array(z.looseObject({ type: z.string().default(''), help: z.string().default(''), unit: z.string().default('') }))).nullable())
const buildAnswer = envelope(z.looseObject({ version: z.string().default(''), application: z.string().optional(), features: z.record(z.string(), z.unknown()).optional() }))
const textAnswer = envelope(z.string())
const flagsAnswer = envelope(z.record(z.string(), z.string()))
const exemplarsAnswer = envelope(z.array(z.object({
  seriesLabels: labels, exemplars: z.array(z.object({ labels, value: z.unknown(), timestamp: z.number() })),
})).nullable())

/** Statuses whose body says in JSON why a query is refused. */
const explained = [400, 422, 503]

export interface AskOptions {
  signal?: AbortSignal
  deadline?: Millis
  /** For the backend, which gives up by itself. */
  timeout?: Millis
}

export interface Selection {
  match?: string[]
  from?: Date
  to?: Date
  limit?: number
}

/**
 * The HTTP API that Prometheus and its relatives have in common. Queries are posted, because addresses have a length;
 * numbers come as text and are read by hand, because `Number('+Inf')` is none. A query that is refused throws
 * `QueryRefused`; everything else that goes wrong is the upstream's trouble. Thanos gives what it has and warns where a
 * part of it is away. People see both; a round of our own would take the part for all, and asks to be refused instead.
 */
export function createPrometheusApi(upstream: Upstream) {
  async function ask(path: string, form: Record<string, string | undefined>, { signal, deadline, timeout }: AskOptions): Promise<Queried> {
    const body = new URLSearchParams()
    for (const [name, value] of Object.entries(form)) if (value !== undefined) body.set(name, value)
    if (timeout !== undefined) body.set('timeout', `${timeout}ms`)
    for (const [name, value] of Object.entries(whole())) body.set(name, value)
    const answer = unwrap(await upstream.post(path, body, queryAnswer, { signal, deadline, accept: explained }))
    return { ...readResult(answer.data), warnings: toWarnings(answer) }
  }

  const whole = () => (isInRounds() ? { partial_response: 'false' } : {})
  const selection = ({ match, from, to, limit }: Selection) => ({
    ...(match?.length && { 'match[]': match }), ...(from && { start: seconds(from) }), ...(to && { end: seconds(to) }), ...(limit !== undefined && { limit: String(limit) }), ...whole(),
  })

  return {
    instant: (query: string, at: Date, options: AskOptions = {}) => ask('/api/v1/query', { query, time: seconds(at) }, options),

    /** Evaluated at `from` and every `step` after it, up to `to`. */
    range: (query: string, { from, to, step }: { from: Date, to: Date, step: Millis }, options: AskOptions = {}) =>
      ask('/api/v1/query_range', { query, start: seconds(from), end: seconds(to), step: String(step / 1000) }, options),

    async labelNames(chosen: Selection, { signal }: AskOptions = {}): Promise<string[]> {
      return unwrap(await upstream.get('/api/v1/labels', listAnswer, { query: selection(chosen), signal, accept: explained })).data ?? []
    },

    async labelValues(label: string, chosen: Selection, { signal }: AskOptions = {}): Promise<string[]> {
      return unwrap(await upstream.get(path`/api/v1/label/${escapeLabel(label)}/values`, listAnswer, { query: selection(chosen), signal, accept: explained })).data ?? []
    },

    async series(chosen: Selection, { signal }: AskOptions = {}): Promise<Labels[]> {
      return unwrap(await upstream.get('/api/v1/series', seriesAnswer, { query: selection(chosen), signal, accept: explained })).data ?? []
    },

    /** Of one metric, or of all. */
    async metadata(chosen: { metric?: string, limit?: number }, { signal }: AskOptions = {}) {
      return unwrap(await upstream.get('/api/v1/metadata', metadataAnswer, { query: chosen, signal, accept: explained })).data ?? {}
    },

    async exemplars(query: string, { from, to }: { from: Date, to: Date }, { signal }: AskOptions = {}) {
      const answer = await upstream.post('/api/v1/query_exemplars', new URLSearchParams({ query, start: seconds(from), end: seconds(to) }), exemplarsAnswer, { signal, accept: explained })
      return (unwrap(answer).data ?? []).map(({ seriesLabels, exemplars }) => ({
        labels: seriesLabels, exemplars: exemplars.map(exemplar => ({ labels: exemplar.labels, value: readNumber(exemplar.value), at: new Date(exemplar.timestamp * 1000) })),
      }))
    },

    /** Undefined where the backend has no such page. */
    async format(query: string, { signal }: AskOptions = {}): Promise<string | undefined> {
      const answer = await upstream.find('/api/v1/format_query', textAnswer, { query: { query }, signal, accept: explained })
      return answer && unwrap(answer).data
    },

    /** Undefined where the backend has no such page. */
    async build({ signal }: AskOptions = {}) {
      const answer = await upstream.find('/api/v1/status/buildinfo', buildAnswer, { signal })
      return answer && unwrap(answer).data
    },

    async flags({ signal }: AskOptions = {}): Promise<Record<string, string> | undefined> {
      const answer = await upstream.find('/api/v1/status/flags', flagsAnswer, { signal })
      return answer?.status === 'success' ? answer.data : undefined
    },
  }
}

export type PrometheusApi = ReturnType<typeof createPrometheusApi>

function unwrap<T extends { status: string }>(answer: T): Extract<T, { status: 'success' }> {
  if (answer.status === 'success') return answer as Extract<T, { status: 'success' }>
  const { errorType, error } = answer as unknown as { errorType: string, error: string }
  if (errorType === 'unavailable') throw sourceTrouble('prometheus', 'overloaded', { status: 503 })
  throw new QueryRefused(errorType, error)
}

function toWarnings({ warnings = [], infos = [] }: { warnings?: string[], infos?: string[] }): SourceWarning[] {
  const of = (code: string) => (text: string): SourceWarning => ({ source: 'prometheus', code, params: { text: text.slice(0, 400) } })
  return [...warnings.map(of('said')), ...infos.map(of('noted'))]
}

function readResult(data: z.output<typeof result>): Omit<Queried, 'warnings'> {
  if (data.resultType === 'scalar' || data.resultType === 'string') {
    const [at, value] = data.result
    return { kind: data.resultType, series: [{ labels: {}, points: [{ at, value: readNumber(value) }] }] }
  }
  return { kind: data.resultType, series: data.result.map(({ metric, value, values, histogram, histograms }) => ({
    labels: metric,
    points: [
      ...(values ?? (value ? [value] : [])).map(([at, text]): Point => ({ at, value: readNumber(text) })),
      ...(histograms ?? (histogram ? [histogram] : [])).map(([at, body]): Point => ({ at, histogram: readHistogram(body) })),
    ],
  })) }
}

/** `NaN` is no value: it stands for "nothing to divide by" or "nothing there". */
export function readNumber(text: unknown): number | undefined {
  if (text === '+Inf' || text === 'Inf') return Infinity
  if (text === '-Inf') return -Infinity
  const value = typeof text === 'string' && text !== '' ? Number(text) : Number.NaN
  return Number.isNaN(value) ? undefined : value
}

function readHistogram(body: unknown): NativeHistogram | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const { count, sum, buckets } = body as { count?: unknown, sum?: unknown, buckets?: unknown }
  const classes = (Array.isArray(buckets) ? buckets as unknown[] : []).flatMap((bucket) => {
    const [, from, to, inside] = Array.isArray(bucket) ? (bucket as unknown[]).map(readNumber) : []
    return from === undefined || to === undefined || inside === undefined ? [] : [{ from, to, count: inside }]
  })
  return { count: readNumber(count) ?? 0, sum: readNumber(sum) ?? 0, classes }
}

function seconds(at: Date): string {
  return String(at.getTime() / 1000)
}

/** Names that hold more than letters stand escaped in an address. */
function escapeLabel(label: string): string {
  if (/^[a-zA-Z_]\w*$/.test(label)) return label
  return `U__${[...label].map(char => (char === '_' ? '__' : /[a-zA-Z0-9:]/.test(char) ? char : `_${char.codePointAt(0)!.toString(16).toUpperCase()}_`)).join('')}`
}
