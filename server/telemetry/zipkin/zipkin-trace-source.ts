import { z } from 'zod'
import type { Clock } from '#server/clock'
import { inRounds } from '#server/rounds'
import { createKeyMask } from '#shared/masked-keys'
import type { Span } from '#shared/trace/span'
import { MINUTE, SECOND, type Micros, type TimeWindow } from '#shared/units'
import { createKept } from '../kept'
import { LruMap } from '../lru-map'
import type { ServiceEdge, SourceWarning, TraceQuery, TraceSource } from '../ports'
import { path, type Upstream } from '../upstream/upstream'
import { createZipkinCheck } from './check'
import { askFor, type Asked } from './question'
import type { ReadTrace } from './trace-desk'
import type { ReadingRules } from './trace-facts'
import type { TraceReader } from './trace-reader'
import { findSpans, largestTrace, streamSpans } from './span-stream'
import { createTraceBatch } from './trace-batch'
import { createTraceSearch, longestOverlap, spanCap } from './trace-search'

const MIB = 1024 * 1024
/** Of a whole trace, and of an answer to a search: both are read as they arrive. */
const largestAnswer = 256 * MIB
const spansAtOnce = 1_000
/** A trace that still grows is read again after so long, ms. */
const shortly = 5 * SECOND
/** No span ended for so long: nothing more will come. */
const settledAfter = MINUTE

const names = z.array(z.string())
const edges = z.array(z.object({ parent: z.string(), child: z.string(), callCount: z.number(), errorCount: z.number().default(0) }))

export interface ZipkinOptions {
  upstream: Upstream
  reader: TraceReader
  clock: Clock
  rules: () => ReadingRules
}

/**
 * Traces of a Zipkin, 2.x or 3.x, whatever its storage. Its API gives whole traces and no more, so what it cannot do
 * is done here, and what that costs is bounded: see `trace-search.ts`.
 */
export function createZipkinTraceSource({ upstream, reader, clock, rules }: ZipkinOptions): TraceSource {
  const read = new Map<string, Promise<ReadTrace | undefined>>()
  /** Traces that will not change any more, and whether the worker takes them in whole. */
  const settled = new LruMap<string, { held: boolean }>(1_000)
  const operationsOf = createKept<string[]>({ clock, good: MINUTE, most: 100 })
  const search = createTraceSearch({
    clock,
    ask: async ({ query, ...rest }, signal) => {
      const { params, until, index } = await toZipkin({ query, ...rest })
      const found = await upstream.stream('/api/v2/traces', body => reader.traces({ query, until, index }, body), { query: params, signal, maxBytes: largestAnswer, deadline: 5 * SECOND })
      return found ?? { traces: [], spans: 0, bad: 0 }
    },
  })
  const { check, searches, storage } = createZipkinCheck({ upstream, clock, newest: signal => search.newest(signal) })

  /** Whether what it gives is cut by rows of an index; who does not say what it stores in is taken for one that does so. */
  async function cutsByRows(): Promise<boolean> {
    return [undefined, 'CassandraStorage'].includes(await storage())
  }

  async function toZipkin({ query: { window }, until, limit, asked: { params } }: { query: TraceQuery, until: Micros, limit: number, asked: Asked }) {
    const endTs = Math.ceil(until / 1000)
    const from = window.from.getTime()
    const byRows = await cutsByRows()
    // Cassandra looks up so many, and then drops those that began before: of these it is not known how many there were.
    const lookback = Math.max(1, endTs - from) + (byRows ? longestOverlap / 1000 : 0)
    return {
      params: { ...params, endTs, lookback, limit }, until: endTs * 1000,
      ...(byRows && { index: { limit, params, since: (endTs - lookback) * 1000, from: from * 1000, until: endTs * 1000 + 999, continued: endTs < window.to.getTime() } }),
    }
  }

  /** One answer for all who ask at once; its bytes are copied out, because they belong to who gets them. */
  function load(traceId: string): Promise<ReadTrace | undefined> {
    const underway = read.get(traceId)
    if (underway) return underway
    const answer = upstream.stream(path`/api/v2/trace/${traceId}`, body => reader.trace(traceId, body), { maxBytes: largestTrace }).then((trace) => {
      if (trace && isSettled(trace)) settled.set(traceId, { held: trace.held })
      return trace
    })
    read.set(traceId, answer)
    const forget = () => read.get(traceId) === answer && read.delete(traceId)
    answer.then(() => clock.at(new Date(clock.now().getTime() + shortly), forget), forget)
    return answer
  }

  function isSettled({ lastEnd }: ReadTrace): boolean {
    return clock.now().getTime() - lastEnd / 1000 >= settledAfter
  }

  /** Asks the worker about a trace it has read; undefined where there is none, or it is too large to be kept. */
  async function ofHeld<T>(traceId: string, ask: () => Promise<T | undefined>): Promise<{ known: boolean, value?: T }> {
    const last = settled.get(traceId) ?? await load(traceId)
    if (!last?.held) return { known: last !== undefined }
    const value = await ask()
    if (value !== undefined) return { known: true, value }
    // Others took its place in the worker meanwhile.
    read.delete(traceId)
    return await load(traceId) ? { known: true, value: await ask() } : { known: false }
  }

  async function spansByKey(traceId: string, keys: readonly string[], signal?: AbortSignal): Promise<Span[]> {
    const { known, value } = await ofHeld(traceId, () => reader.spansByKey(traceId, keys))
    if (!known) return []
    return value ?? findSpans(upstream, traceId, keys, createKeyMask(rules().maskedKeys), signal)
  }

  async function operations({ service, method, routeKey }: TraceQuery): Promise<string[]> {
    if (service === undefined || method === undefined || routeKey === undefined) return []
    const key = service.toLowerCase()
    // Without the asker's signal: others wait for the same answer, and his going away must not end it for them.
    return operationsOf(key, () => upstream.get('/api/v2/spans', names, { query: { serviceName: key } }))
  }

  async function questionOf(query: TraceQuery) {
    return askFor(query, { consumerAttributes: rules().consumerAttributes, operations: await operations(query), byRows: await cutsByRows() })
  }

  /** By the way of our own rounds: people who look at pages go on. */
  const batch = createTraceBatch({
    clock, questionOf, take: reader.takeBatch, drop: reader.dropBatch,
    ask: async (batch, { query, places, ...rest }, signal) => {
      const { params, until, index } = await toZipkin({ query, ...rest })
      const found = await inRounds(() => upstream.stream('/api/v2/traces', body => reader.batch(batch, { query, places, until, index }, body), { query: params, signal, maxBytes: largestAnswer, deadline: 5 * SECOND }))
      return found ?? { traces: [], given: 0, earliest: Infinity, spans: 0, bad: 0 }
    },
  })

  return {
    name: 'zipkin',
    capabilities: { attributes: 'indexed', durationFilter: true, totals: false, dependencies: true, failed: 'tag', values: 'text', names: 'lower', found: 'traces' },

    async skeleton(traceId) {
      const trace = isTraceId(traceId) ? await load(traceId.toLowerCase()) : undefined
      return trace && { bytes: trace.bytes.slice(0), lastArrival: new Date(Math.min(trace.lastEnd / 1000, clock.now().getTime())), warnings: warningsOf(trace) }
    },

    span: async (traceId, key, signal) => (isTraceId(traceId) ? (await spansByKey(traceId.toLowerCase(), [key], signal))[0] : undefined),
    spansByKey: async (traceId, keys, signal) => (isTraceId(traceId) ? spansByKey(traceId.toLowerCase(), keys, signal) : []),

    async* spans(traceId, signal) {
      if (!isTraceId(traceId)) return
      const id = traceId.toLowerCase()
      for (let from = 0; ; from += spansAtOnce) {
        signal?.throwIfAborted()
        const { known, value: spans } = await ofHeld(id, () => reader.spans(id, from, spansAtOnce))
        if (!known) return
        if (!spans) return yield* streamSpans(upstream, id, createKeyMask(rules().maskedKeys), signal)
        yield* spans
        if (spans.length < spansAtOnce) return
      }
    },

    async search(query, signal) {
      const page = await search.page(query, await questionOf(query), signal)
      return searches() ? page : { ...page, warnings: [...page.warnings, { source: 'zipkin', code: 'no_search' }] }
    },
    scatter: async (query, limit, signal) => search.scatter(query, await questionOf(query), limit, signal),
    profile: async (query, signal) => search.profile(query, await questionOf(query), signal),

    batch,

    async dependencies({ from, to }: TimeWindow, signal): Promise<ServiceEdge[] | undefined> {
      const found = await upstream.get('/api/v2/dependencies', edges, { query: { endTs: to.getTime(), lookback: Math.max(1, to.getTime() - from.getTime()) }, signal })
      // Other storages than memory know none until a job of theirs has run.
      return found.length ? found.map(({ parent, child, callCount, errorCount }) => ({ parent, child, calls: callCount, errors: errorCount })) : undefined
    },
    check,
  }
}

function isTraceId(traceId: string): boolean {
  return /^[\da-f]{16}(?:[\da-f]{16})?$/i.test(traceId)
}

function warningsOf({ spans, bad }: ReadTrace): SourceWarning[] {
  return [
    ...(spans === spanCap ? [{ source: 'zipkin' as const, code: 'span_cap', params: { count: spanCap } }] : []),
    ...(bad ? [{ source: 'zipkin' as const, code: 'bad_spans', params: { count: bad } }] : []),
  ]
}
