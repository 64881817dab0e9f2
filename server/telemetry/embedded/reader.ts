import type { Database } from 'better-sqlite3'
import type { Clock } from '#server/clock'
import { encodeSkeleton } from '#shared/trace/skeleton'
import type { DurationsQuery, LogQuery, LogSource, MetricSource, OperationsQuery, RequestsQuery, TraceBatchQuery, TraceQuery } from '../ports'
import { Figures } from './read/figures'
import { LogSearch } from './read/log-search'
import { Names } from './read/names'
import { Points } from './read/points'
import { Sights } from './read/sights'
import { StoredSpans } from './read/stored-spans'
import { readStats } from './read/stats'
import { TraceBatches } from './read/trace-batch'
import { TraceSearch } from './read/trace-search'
import { hexOf } from './otlp/hex'
import { LruMap } from '../lru-map'
import type { Retention } from './snapshot'
import { Moved } from '../worker-port'

/** Skeletons kept packed: a page asks for the same one again while somebody looks at it. */
const skeletonsKept = 50
const largestKept = 4 * 1024 * 1024
const spansAtOnce = 1_000

export type ReaderVerbs = ReturnType<typeof createReader>

/** The reading side of the embedded store, on a connection of its own that cannot write. */
export function createReader({ db, clock, retention }: { db: Database, clock: Clock, retention: Retention }) {
  const names = new Names(db)
  const stored = new StoredSpans(db, names)
  const search = new TraceSearch({ db, clock, names, stored })
  const batches = new TraceBatches({ db, clock, names, stored })
  const figures = new Figures({ db, clock, names, retention })
  const sights = new Sights({ db, clock, names })
  const points = new Points({ db, names })
  const logs = new LogSearch({ db, clock, names })
  const skeletons = new LruMap<string, ArrayBuffer>(skeletonsKept)

  return {
    skeleton(traceId: string) {
      const trace = stored.trace(traceId)
      if (!trace) return undefined
      // By the trace's own id: its number is given anew when all traces are gone.
      const key = `${traceId} ${trace.spans}`
      let bytes = skeletons.get(key)
      if (!bytes) {
        bytes = encodeSkeleton(stored.skeletonSpans(trace.id))
        if (bytes.byteLength <= largestKept) skeletons.set(key, bytes)
      }
      const copy = bytes.slice(0)
      return new Moved({ bytes: copy, lastArrival: new Date(trace.arrivedAt) }, [copy])
    },
    span: (traceId: string, key: string) => stored.find(traceId, [key])[0],
    spansByKey: (traceId: string, keys: readonly string[]) => stored.find(traceId, keys),

    /** Some spans of a trace in arrival order; `from` is how many came before. */
    spans(traceId: string, from: number) {
      const trace = stored.trace(traceId)
      if (!trace) return []
      const id = hexOf(Buffer.from(traceId.padStart(32, '0'), 'hex'))
      return stored.packed(trace.id).drop(from).take(spansAtOnce).map(packed => stored.whole(packed, id)).toArray()
    },
    searchTraces: (query: TraceQuery) => search.page(query),
    scatter: (query: TraceQuery, limit: number) => search.scatter(query, limit),
    profile: (query: TraceQuery) => search.profile(query),
    traceBatch: (query: TraceBatchQuery) => batches.read(query),

    requests: (query: RequestsQuery) => figures.requests(query),
    operations: (query: OperationsQuery) => figures.operations(query),
    durations: (query: DurationsQuery) => figures.durations(query),
    seen: (filter?: Parameters<MetricSource['seen']>[0]) => sights.seen(filter),
    services: () => sights.services(),
    errors: (query: Parameters<MetricSource['errors']>[0]) => sights.errors(query),
    exemplars: (query: RequestsQuery & { step: number }) => sights.exemplars(query),
    metricNames: (service: string) => points.metricNames(service),
    points: (query: Parameters<MetricSource['points']>[0]) => points.points(query),

    searchLogs: (query: LogQuery) => logs.search(query),
    logHistogram: (query: LogQuery, step: number) => logs.histogram(query, step),
    logsOfTrace: (traceId: string, limit: number) => logs.ofTrace(traceId, limit),
    logsOfTraces: (query: Parameters<LogSource['ofTraces']>[0]) => logs.ofTraces(query),
    logLine: (id: string) => logs.line(id),

    stats: () => readStats(db, clock.now()),
  }
}
