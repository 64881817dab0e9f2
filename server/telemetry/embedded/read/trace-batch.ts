import type { Database, Statement } from 'better-sqlite3'
import type { Clock } from '#server/clock'
import { buffersOf, TraceCollector } from '#shared/trace/trace-columns'
import { SECOND, type Micros, type TimeWindow } from '#shared/units'
import type { TraceBatch, TraceBatchPart, TraceBatchQuery } from '../../ports'
import { drawStrata, stratumWeights } from '../../strata'
import { Moved } from '../../worker-port'
import { hexOf } from '../otlp/hex'
import { createBudget, type Budget } from './budget'
import type { Names } from './names'
import type { StoredSpans } from './stored-spans'

/** Of one batch: an analysis is waited for, and so is everybody else who reads. */
const patience = 2 * SECOND
const mostBytes = 96 * 1024 * 1024
/** Traces that are chosen from: the newest of a window. */
const mostCandidates = 50_000
const chunk = 2_000

interface Candidate {
  id: number
  traceId: Buffer
  startedAt: Micros
  duration: Micros
  failed: boolean
}

/** Reads whole traces for an analysis: chosen by their summaries, so that only those are read that are wanted. */
export class TraceBatches {
  private db: Database
  private clock: Clock
  private names: Names
  private stored: StoredSpans
  private statements = new Map<string, Statement>()

  constructor({ db, clock, names, stored }: { db: Database, clock: Clock, names: Names, stored: StoredSpans }) {
    this.db = db
    this.clock = clock
    this.names = names
    this.stored = stored
  }

  async read({ parts }: TraceBatchQuery): Promise<Moved<TraceBatch>> {
    const began = this.clock.monotonic()
    const collector = new TraceCollector()
    const taken = new Set<number>()
    const answered: TraceBatch['parts'] = []
    const weights: number[] = []
    let standFor = 0
    let bytes = 0
    for (const [index, { window, limit, of }] of parts.entries()) {
      // What one part leaves of time and bytes is the next one's, but not more.
      const share = (index + 1) / parts.length
      const budget = createBudget(this.clock, share * patience - (this.clock.monotonic() - began))
      const { candidates, searchedTo } = await this.find(window, of, budget)
      const fresh = candidates.filter(({ id }) => !taken.has(id))
      const { drawn, sizes } = drawStrata(fresh, limit)
      const read = sizes.map(() => 0)
      const strata: number[] = []
      for (const { item, stratum } of drawn) {
        if (bytes > share * mostBytes || budget.isSpent) break
        taken.add(item.id)
        const { spans, size, kept } = this.stored.wholeTrace(item.id, hexOf(item.traceId))
        bytes += size
        if (spans.length === 0) continue
        collector.add(hexOf(item.traceId), spans, kept)
        strata.push(stratum)
        standFor += kept
        read[stratum]!++
        await budget.breathe()
      }
      const standing = stratumWeights(sizes, read)
      weights.push(...strata.map(stratum => standing[stratum]!))
      answered.push({ matched: fresh.length, read: strata.length, searchedTo })
    }
    const traces = collector.done()
    for (const [trace, weight] of weights.entries()) traces.weight[trace]! *= weight
    const { length } = traces.traceIds
    return new Moved({ traces, parts: answered, population: standFor > length ? { kind: 'kept', rate: length / standFor } : { kind: 'all' }, warnings: [] }, buffersOf(traces))
  }

  private async find(window: TimeWindow, of: TraceBatchPart['of'], budget: Budget) {
    const found = new Map<number, Candidate>()
    let searchedTo = window.from
    for (const request of of.length ? of : [undefined]) {
      const filter = request ? this.filterOf(request) : anything
      if (!filter) continue
      const most = Math.ceil(mostCandidates / Math.max(1, of.length))
      let before = window.to.getTime() * 1000
      let beforeId = 0
      for (let seen = 0; ;) {
        const rows = this.prepare(filter.sql).all(...filter.values, window.from.getTime() * 1000, before, beforeId, chunk) as (Omit<Candidate, 'failed'> & { failed: number })[]
        for (const row of rows) {
          const known = found.get(row.id)
          found.set(row.id, { ...row, failed: row.failed === 1 || known?.failed === true, duration: Math.max(row.duration, known?.duration ?? 0) })
        }
        seen += rows.length
        const last = rows.at(-1)
        if (!last || rows.length < chunk) break
        ;[before, beforeId] = [last.startedAt, last.id]
        if (seen >= most || budget.isSpent) {
          const reached = new Date(last.startedAt / 1000)
          if (reached > searchedTo) searchedTo = reached
          break
        }
        await budget.breathe()
      }
    }
    // Those that were found further back than others would stand for a time of which the others say nothing.
    const from = searchedTo.getTime() * 1000
    return { candidates: [...found.values()].filter(({ startedAt }) => startedAt >= from).sort((a, b) => a.startedAt - b.startedAt), searchedTo }
  }

  /** Undefined where a name was never seen, so nothing can match. */
  private filterOf({ service, method, routeKey, operation }: TraceBatchPart['of'][number]): Filter | undefined {
    const { names } = this
    const serviceId = names.serviceId(service.toLowerCase())
    if (serviceId === undefined) return undefined
    const lists: { column: 'routes' | 'operations', ids: number[] }[] = []
    if (method !== undefined || routeKey !== undefined) {
      lists.push({ column: 'routes', ids: names.routes().filter(route => route.serviceId === serviceId && (method ?? route.method) === route.method && (routeKey ?? route.routeKey) === route.routeKey).map(({ id }) => id) })
    }
    if (operation !== undefined) lists.push({ column: 'operations', ids: names.operationsNamed(operation, serviceId).map(({ id }) => id) })
    if (lists.some(({ ids }) => ids.length === 0)) return undefined
    const conditions = lists.map(({ column, ids }) => `(${ids.map(() => `instr(p.${column}, ?) > 0`).join(' or ')})`)
    return {
      sql: `select t.id, t.trace_id as traceId, p.started_at as startedAt, coalesce(p.request_duration, t.ended_at - t.started_at) as duration, max(p.failed, t.failed) as failed
        from trace_services p join traces t on t.id = p.trace where p.service_id = ? ${conditions.map(condition => `and ${condition}`).join(' ')}
        and p.started_at >= ? and (p.started_at, p.trace) < (?, ?) order by p.started_at desc, p.trace desc limit ?`,
      values: [serviceId, ...lists.flatMap(({ ids }) => ids.map(id => `,${id},`))],
    }
  }

  private prepare(sql: string): Statement {
    let statement = this.statements.get(sql)
    if (!statement) {
      if (this.statements.size >= 100) this.statements.clear()
      this.statements.set(sql, statement = this.db.prepare(sql))
    }
    return statement
  }
}

interface Filter {
  sql: string
  values: (string | number)[]
}

const anything: Filter = {
  sql: `select id, trace_id as traceId, started_at as startedAt, case when rooted then root_duration else ended_at - started_at end as duration, failed
    from traces where started_at >= ? and (started_at, id) < (?, ?) order by started_at desc, id desc limit ?`,
  values: [],
}
