import type { Database, Statement } from 'better-sqlite3'
import type { Clock } from '#server/clock'
import { criticalPathByService } from '#shared/trace/critical-path'
import type { TracePage, TraceProfile, TraceQuery, TraceScatter, TraceSummary } from '../../ports'
import { remoteKinds, spanKinds } from '../ingest/facts'
import { hexOf } from '../otlp/hex'
import { createBudget, type Budget } from './budget'
import { LruMap } from '../../lru-map'
import type { Names } from './names'
import { asText, spanHas } from './span-has'
import type { StoredSpans } from './stored-spans'
import { cursorOf, writeCursor } from './trace-cursor'
import { filterOf, type Filter } from './trace-filter'

interface Row {
  id: number
  traceId: Buffer
  /** What the list is ordered by: the trace's start, or the service's own start in it. */
  orderedBy: number
  startedAt: number
  endedAt: number
  spans: number
  rooted: number
  rootServiceId: number
  rootOperationId: number
  rootKind: number
  rootRouteId: number | null
  rootDuration: number
  status: number | null
  consumerId: number | null
  failed: number
  errorType: string | null
  services: string
}

const fields = `t.id, t.trace_id as traceId, t.started_at as startedAt, t.ended_at as endedAt, t.spans, t.rooted, t.root_service_id as rootServiceId,
  t.root_operation_id as rootOperationId, t.root_kind as rootKind, t.root_route_id as rootRouteId, t.root_duration as rootDuration, t.status,
  t.consumer_id as consumerId, t.failed, t.error_type as errorType, t.services`
const chunk = 500
const mostCounted = 10_000
/** Spans whose critical path one page may work out; larger traces are left without. */
const mostPathSpans = 30_000

/** Finds traces newest first: by the summaries' indexes where they can, by reading on within a budget where not. */
export class TraceSearch {
  private db: Database
  private clock: Clock
  private names: Names
  private stored: StoredSpans
  private statements = new LruMap<string, Statement>(200)
  private paths = new LruMap<string, TraceSummary['path']>(5_000)

  constructor({ db, clock, names, stored }: { db: Database, clock: Clock, names: Names, stored: StoredSpans }) {
    this.db = db
    this.clock = clock
    this.names = names
    this.stored = stored
  }

  async page(query: TraceQuery): Promise<TracePage> {
    const filter = filterOf(query, this.names)
    const budget = createBudget(this.clock)
    const rows: Row[] = []
    const place: Place = { cut: false }
    if (filter) {
      for await (const row of this.matches(query, filter, budget, place)) {
        rows.push(row)
        if (rows.length > query.limit) break
      }
    }
    const shown = rows.slice(0, query.limit)
    const more = rows.length > query.limit
    // Where the budget ended the search, the next page goes on behind what was looked at.
    const last = more ? shown.at(-1) : place.cut ? place.last : undefined
    let left = mostPathSpans
    const traces: TraceSummary[] = []
    for (const row of shown) {
      const counted = row.spans <= left
      if (counted) left -= row.spans
      traces.push(this.summary(row, counted))
      await budget.breathe()
    }
    const total = filter ? this.total(query, filter, { rows, budget }) : { count: 0, atLeast: false }
    return {
      traces,
      ...(last && { next: writeCursor(last, total) }),
      total,
      searchedTo: !more && place.cut && place.last ? new Date(place.last.orderedBy / 1000) : query.window.from,
      population: { kind: 'all' },
      warnings: [],
    }
  }

  async scatter(query: TraceQuery, limit: number): Promise<TraceScatter> {
    const filter = filterOf(query, this.names)
    const budget = createBudget(this.clock)
    const counts = { ok: 0, clientError: 0, failed: 0 }
    const points: TraceScatter['points'] = []
    const place: Place = { cut: false }
    let every = 1
    let seen = 0
    if (filter) {
      for await (const row of this.matches({ ...query, cursor: undefined }, filter, budget, place)) {
        const outcome = row.failed ? 'failed' : row.status !== null && row.status >= 400 && row.status < 500 ? 'client-error' : 'ok'
        counts[outcome === 'client-error' ? 'clientError' : outcome]++
        if (seen++ % every === 0) {
          points.push({ traceId: hexOf(row.traceId), startedAt: new Date(row.startedAt / 1000), duration: durationOf(row), outcome })
          // Too many: every other one goes, evenly over what has been seen.
          if (points.length > limit * 2) {
            points.splice(0, points.length, ...points.filter((_, index) => index % 2 === 0))
            every *= 2
          }
        }
      }
    }
    const step = points.length / limit
    const thinned = step > 1 ? Array.from({ length: limit }, (_, index) => points[Math.floor(index * step)]!) : points
    return { points: thinned, counts, thinned: every > 1 || step > 1, atLeast: place.cut }
  }

  async profile(query: TraceQuery): Promise<TraceProfile> {
    const filter = filterOf(query, this.names)
    const budget = createBudget(this.clock)
    const counts = new Map<string, Map<string, number>>()
    let traces = 0
    const part = this.prepare('select resource_id as resourceId, status, operations, remotes from trace_services where service_id = ? and started_at >= ? and started_at <= ? and trace = ?')
    const service = query.service === undefined ? undefined : this.names.serviceId(query.service.toLowerCase())
    const add = (field: string, value: string | number | null | undefined) => {
      if (value === null || value === undefined || value === '') return
      let values = counts.get(field)
      if (!values) counts.set(field, values = new Map())
      values.set(String(value), (values.get(String(value)) ?? 0) + 1)
    }
    if (filter) {
      for await (const row of this.matches({ ...query, cursor: undefined }, filter, budget)) {
        traces++
        add('consumer', row.consumerId === null ? 'unknown' : this.names.consumer(row.consumerId))
        add('error.type', row.errorType)
        const mine = part.get(service ?? row.rootServiceId, row.startedAt, row.endedAt, row.id) as { resourceId: number, status: number | null, operations: string, remotes: string } | undefined
        if (mine) {
          const { attributes } = this.names.resource(mine.resourceId)
          for (const field of ['service.version', 'service.instance.id']) add(field, asText(attributes[field] ?? ''))
          add('status', mine.status)
          for (const id of mine.operations.split(',').filter(Boolean)) add('operation', this.names.operation(Number(id)))
          for (const address of this.addressesOf(mine.remotes)) add('server.address', address)
        }
      }
    }
    const values = [...counts].flatMap(([field, values]) => [...values].sort((a, b) => b[1] - a[1]).slice(0, 50).map(([value, traces]) => ({ field, value, traces })))
    return { traces, values }
  }

  /** Servers it called; databases and queues are told by their operations. */
  private addressesOf(remotes: string): Set<string> {
    const found = remotes.split(',').filter(Boolean).map(id => this.names.remote(Number(id)))
    return new Set(found.flatMap(remote => remote && ['address', 'service'].includes(remoteKinds[remote.kind]!) ? [remote.name] : []))
  }

  private async* matches(query: TraceQuery, filter: Filter, budget: Budget, place: Place = { cut: false }): AsyncGenerator<Row> {
    let { before, beforeId } = cursorOf(query)
    const size = Math.min(chunk, query.limit + 1)
    for (;;) {
      const rows = this.prepare(`select ${fields}, ${filter.order} as orderedBy ${filter.from} where ${filter.where}
        and ${filter.order} >= ? and (${filter.order}, t.id) < (?, ?) order by ${filter.order} desc, t.id desc limit ?`)
        .all(...filter.values, query.window.from.getTime() * 1000, before, beforeId, size) as Row[]
      for (const row of rows) {
        place.last = row
        if (!query.attributes?.length || this.hasAttributes(row.id, query.attributes)) yield row
        if (budget.isSpent) {
          place.cut = true
          return
        }
        await budget.breathe()
      }
      const last = rows.at(-1)
      if (!last || rows.length < size) return
      ;[before, beforeId] = [last.orderedBy, last.id]
      await budget.breathe()
    }
  }

  private total(query: TraceQuery, filter: Filter, { rows, budget }: { rows: Row[], budget: Budget }): TracePage['total'] {
    const window = [query.window.from.getTime() * 1000, query.window.to.getTime() * 1000] as const
    // A scan counts what it has seen; counting the rest would be the whole scan again.
    if (query.attributes?.length || budget.isSpent) return { count: Math.min(rows.length, query.limit), atLeast: rows.length > query.limit || budget.isSpent }
    const { counted } = cursorOf(query)
    if (counted) return counted
    // By the index alone where nothing else is asked.
    const from = filter.plain && filter.from !== 'from traces t' ? 'from trace_services p' : filter.from
    const count = this.prepare(`select count(*) from (select 1 ${from} where ${filter.where} and ${filter.order} >= ? and ${filter.order} < ? limit ?)`)
      .pluck().get(...filter.values, ...window, mostCounted + 1) as number
    return { count: Math.min(count, mostCounted), atLeast: count > mostCounted }
  }

  private hasAttributes(trace: number, wanted: { key: string, value: string }[]): boolean {
    for (const packed of this.stored.packed(trace)) if (spanHas(packed, wanted)) return true
    return false
  }

  private summary(row: Row, withPath: boolean): TraceSummary {
    const { names } = this
    const route = row.rootRouteId === null ? undefined : names.route(row.rootRouteId)
    return {
      traceId: hexOf(row.traceId),
      startedAt: new Date(row.startedAt / 1000),
      duration: row.endedAt - row.startedAt,
      ...(row.rooted && { rootDuration: row.rootDuration }),
      root: { service: names.service(row.rootServiceId), operation: names.operation(row.rootOperationId), kind: spanKinds[row.rootKind]!, ...(route && { method: route.method, routeKey: route.routeKey }) },
      ...(row.consumerId !== null && { consumer: names.consumer(row.consumerId) }),
      ...(row.status !== null && { status: row.status }),
      failed: row.failed === 1,
      ...(row.errorType !== null && { errorType: row.errorType }),
      spans: row.spans,
      services: row.services.split(',').filter(Boolean).map(id => names.service(Number(id))),
      path: withPath ? this.path(row) : [],
    }
  }

  /** Worked out once per state of a trace: it changes when spans arrive. */
  private path(row: Row): TraceSummary['path'] {
    const key = `${hexOf(row.traceId)} ${row.spans}`
    const known = this.paths.get(key)
    if (known) return known
    const path = criticalPathByService(this.stored.skeletonSpans(row.id))
    this.paths.set(key, path)
    return path
  }

  private prepare(sql: string): Statement {
    const known = this.statements.get(sql)
    if (known) return known
    const statement = this.db.prepare(sql)
    this.statements.set(sql, statement)
    return statement
  }
}

/** How far a scan got, and whether its budget ended it. */
interface Place {
  last?: Row
  cut: boolean
}

function durationOf(row: Row): number {
  return row.rooted ? row.rootDuration : row.endedAt - row.startedAt
}
