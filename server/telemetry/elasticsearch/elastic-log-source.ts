import type { Clock } from '#server/clock'
import { logLevels } from '#shared/log-level'
import { createKeyMask } from '#shared/masked-keys'
import { plainMessage } from '#shared/plain-message'
import type { LogHistogram, LogLevel, LogLine, LogPage, LogQuery, LogSource } from '../ports'
import type { Upstream } from '../upstream/upstream'
import { createCheck } from './check'
import { messageOf, toLogLine } from './document'
import { candidates } from './fields'
import { createFoundMapping } from './found-mapping'
import { exactly, none, type Clause } from './level-clauses'
import { hasAnyId, hasId, isGiven, toFilter, within } from './log-query'
import type { Field, LogMapping } from './mapping'
import { readLineId, readPlace, writeLineId, writePlace, type Place } from './place'
import { createPointsInTime } from './points-in-time'
import { createProductFinder } from './product'
import { createSearcher, warningsOf } from './searcher'
import type { Found, FoundHit } from './wire'

/** More matches than these are not counted one by one. */
const mostCounted = 10_000
/** More lines are not answered at once. */
const mostAnswered = 10_000
/** Of a line, what says something about its span. */
const toSpans = [...candidates.time, ...candidates.traceId, ...candidates.spanId, ...candidates.message, ...candidates.structured, ...candidates.level, ...candidates.severity, ...candidates.service]
/** Messages that the commonest are taken from: the newest. */
const mostMessages = 1_000

/**
 * Logs in Elasticsearch 8 and 9 or OpenSearch 2 and 3. `indices` are names or patterns, separated by commas, of
 * indices, aliases or data streams; whatever wrote them, what their fields are called is found out.
 */
export function createElasticLogSource({ upstream, clock, indices, maskedKeys }: { upstream: Upstream, clock: Clock, indices: string, maskedKeys: readonly string[] }): LogSource {
  const isMasked = createKeyMask(maskedKeys)
  const product = createProductFinder(upstream)
  const mapping = createFoundMapping({ upstream, clock, indices })
  const points = createPointsInTime({ upstream, clock, indices, product })
  const { search, order } = createSearcher({ upstream, mapping, points, product, indices })

  async function filterOf(query: LogQuery, known: LogMapping, signal?: AbortSignal): Promise<Clause> {
    // A value that is not shown is not found out by asking for it either.
    const keys = [...new Set((query.attributes ?? []).map(({ key }) => key))].filter(key => !isMasked(key))
    const fields = await Promise.all(keys.map(async (key): Promise<[string, Field[]]> => [key, await mapping.attribute(key, signal)]))
    return toFilter(query, known, new Map(fields))
  }

  function lineOf(hit: FoundHit, known: LogMapping): LogLine | undefined {
    const indexed = known.time && hit.fields?.[known.time.path]?.[0]
    return toLogLine({ id: writeLineId(hit._index, hit._id), source: documentOf(hit._source), indexed: typeof indexed === 'string' ? indexed : undefined }, isMasked)
  }

  /** In the order of nanoseconds: an index of milliseconds leaves open what comes first within one. */
  function linesOf(hits: readonly FoundHit[], direction: 'asc' | 'desc'): LogLine[] {
    const known = mapping.known()!
    const lines = hits.map(hit => lineOf(hit, known)).filter(line => line !== undefined)
    const sign = direction === 'asc' ? 1 : -1
    return lines.sort((a, b) => sign * Number(BigInt(a.nanos) - BigInt(b.nanos)))
  }

  return {
    name: 'elasticsearch',
    capabilities: { fullText: 'prefix', totals: true },

    async search(query, signal): Promise<LogPage> {
      const place = readPlace(query.cursor)
      const point = place && await points.hold(place.point, signal)
      const said = await search({
        point, signal,
        body: async (known) => {
          const filter = await filterOf(query, known, signal)
          return {
            size: query.limit + 1, track_total_hits: mostCounted, ...await order('desc', known, signal),
            query: place ? { bool: { filter: [filter], must_not: [{ ids: { values: place.seen } }] } } : filter,
            // One above the sequence number: lines that share it come again, and those seen are left out above.
            ...(place && { search_after: [place.time, place.sequence + 1] }),
          }
        },
      })
      const known = mapping.known()!
      const hits = said.hits.hits.slice(0, query.limit)
      const next = said.hits.hits.length > query.limit ? placeAfter(hits, known, place, point) : undefined
      if (!next && point !== undefined) points.close(point)
      const lines = linesOf(hits, 'desc')
      const { value = 0, relation = 'eq' } = said.hits.total ?? {}
      return {
        lines,
        ...(next && { next: writePlace(next) }),
        total: { count: Math.min(mostCounted, value + (place?.seen.length ?? 0)), atLeast: relation === 'gte' || said.timed_out },
        searchedTo: said.timed_out ? lines.at(-1)?.at ?? query.window.to : query.window.from,
        warnings: warningsOf(said, known),
      }
    },

    async histogram(query, step, signal): Promise<LogHistogram> {
      const whole = { ...query, cursor: undefined }
      const body = async (known: LogMapping) => ({ query: await filterOf(whole, known, signal) })
      const [counted, newest] = await Promise.all([
        search({ signal, body: async known => ({ ...await body(known), size: 0, track_total_hits: false, aggs: known.time ? levelsBySteps(known, step) : {} }) }),
        search({
          signal,
          body: async known => ({ ...await body(known), size: mostMessages, track_total_hits: false, ...await order('desc', known, signal), _source: [...candidates.message, ...candidates.structured] }),
        }).catch(() => {
          // Lines too long to be read a thousand at a time: the columns stand without their commonest.
          signal?.throwIfAborted()
          return undefined
        }),
      ])
      return { steps: stepsOf(counted), step, commonest: commonest(newest), warnings: warningsOf(counted, mapping.known()!) }
    },

    async ofTrace(traceId, limit, signal) {
      if (!/^[\da-f]{16}(?:[\da-f]{16})?$/i.test(traceId)) return { lines: [], more: false, warnings: [] }
      const said = await search({ signal, body: async known => ({ size: limit + 1, track_total_hits: false, query: hasId(traceId, known.fields.traceId), ...await order('asc', known, signal) }) })
      return { lines: linesOf(said.hits.hits.slice(0, limit), 'asc'), more: said.hits.hits.length > limit, warnings: warningsOf(said, mapping.known()!) }
    },

    /** By a search within our own indices: an id that somebody made up leads nowhere else. */
    async ofTraces({ traceIds, window, limit, longest }, signal) {
      if (traceIds.length === 0) return { lines: [], more: false, warnings: [] }
      const most = Math.min(limit, mostAnswered - 1)
      const said = await search({
        signal,
        body: async known => ({
          size: most + 1, track_total_hits: false, _source: toSpans, ...await order('desc', known, signal),
          query: known.time ? { bool: { filter: [within(window, known.time.path), hasAnyId(traceIds, known.fields.traceId), isGiven(known.fields.spanId)] } } : none,
        }),
      })
      const lines = linesOf(said.hits.hits.slice(0, most), 'asc').flatMap(({ at, service, level, body, traceId, spanId }) => traceId && spanId ? [{ at, service, level, body: body.slice(0, longest), traceId, spanId }] : [])
      return { lines, more: said.hits.hits.length > most, warnings: warningsOf(said, mapping.known()!) }
    },

    async line(id, signal) {
      const named = readLineId(id)
      if (!named) return undefined
      const said = await search({
        signal,
        body: async known => ({ size: 1, track_total_hits: false, query: { bool: { filter: [{ ids: { values: [named.id] } }, { term: { _index: named.index } }] } }, ...await order('desc', known, signal) }),
      })
      const hit = said.hits.hits[0]
      return hit && lineOf(hit, mapping.known()!)
    },

    check: createCheck({ upstream, clock, indices, mapping }),
  }
}

function documentOf(source: unknown): Record<string, unknown> {
  return typeof source === 'object' && source !== null ? source as Record<string, unknown> : {}
}

function placeAfter(hits: readonly FoundHit[], { time }: LogMapping, before: Place | undefined, point: string | undefined): Place | undefined {
  const last = hits.at(-1)
  const timeOf = ({ sort, fields }: FoundHit) => (typeof sort?.[0] === 'string' ? sort[0] : time && fields?.[time.path]?.[0])
  const at = last && timeOf(last)
  const sequence = last?.sort?.[1]
  if (typeof at !== 'string' || typeof sequence !== 'number') return undefined
  const same = hits.filter(hit => timeOf(hit) === at && hit.sort?.[1] === sequence).map(hit => hit._id)
  const seen = before?.time === at && before.sequence === sequence ? [...before.seen, ...same] : same
  return { time: at, sequence, seen, ...(point !== undefined && { point }) }
}

function levelsBySteps(mapping: LogMapping, step: number): Clause {
  return {
    levels: {
      filters: { filters: Object.fromEntries(logLevels.map(level => [level, exactly(level, mapping)])) },
      aggs: { steps: { date_histogram: { field: mapping.time!.path, fixed_interval: `${step}ms`, min_doc_count: 1 } } },
    },
  }
}

function stepsOf({ aggregations }: Found): LogHistogram['steps'] {
  const steps = new Map<number, Partial<Record<LogLevel, number>>>()
  for (const level of logLevels) {
    for (const { key, doc_count } of aggregations?.levels.buckets[level]?.steps.buckets ?? []) steps.set(key, { ...steps.get(key), [level]: doc_count })
  }
  return [...steps].sort((a, b) => a[0] - b[0]).map(([at, counts]) => ({ at: new Date(at), counts }))
}

function commonest(newest: Found | undefined): LogHistogram['commonest'] {
  const counts = new Map<string, number>()
  for (const { _source } of newest?.hits.hits ?? []) {
    const message = plainMessage(messageOf(documentOf(_source)))
    if (message) counts.set(message, (counts.get(message) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, 5).map(([message, count]) => ({ message, count }))
}
