import type { Database, Statement } from 'better-sqlite3'
import type { Clock } from '#server/clock'
import { logLevels } from '#shared/log-level'
import { plainMessage } from '#shared/plain-message'
import type { LogHistogram, LogLevel, LogLine, LogPage, LogQuery, LogSource, SpanLine } from '../../ports'
import { hexOf, traceIdBytes } from '../otlp/hex'
import { createBudget, type Budget } from './budget'
import { columns, LogScan, matchOf, milli, rangeOf, type Place, type Row } from './log-scan'
import { attributesOf, type Names } from './names'

const mostCounted = 10_000
const mostMessages = 2_000

/** Reads log lines by time, by words, by trace. */
export class LogSearch {
  private clock: Clock
  private names: Names
  private scan: LogScan
  private statements: Record<'ofTrace' | 'ofSpans' | 'countAll' | 'countWords' | 'steps', Statement>

  constructor({ db, clock, names }: { db: Database, clock: Clock, names: Names }) {
    this.clock = clock
    this.names = names
    this.scan = new LogScan({ db, names })
    const prepare = (sql: string) => db.prepare(sql).safeIntegers()
    this.statements = {
      ofTrace: prepare(`select ${columns} from logs where trace_id = ? order by id limit ?`),
      ofSpans: prepare('select id, moved, level, service_id as serviceId, span_id as spanId, substr(body, 1, ?) as body from logs where trace_id = ? and id < ? and id >= ? and span_id is not null order by id limit ?'),
      countAll: db.prepare('select count(*) from (select 1 from logs where id < ? and id >= ? limit ?)').pluck(),
      countWords: db.prepare('select count(*) from (select 1 from logs_text where logs_text match ? and rowid < ? and rowid >= ? limit ?)').pluck(),
      steps: prepare('select id / ? as step, count(*) as count from logs where level = ? and id < ? and id >= ? group by 1'),
    }
  }

  async search(query: LogQuery): Promise<LogPage> {
    const budget = createBudget(this.clock)
    const place: Place = { cut: false }
    const rows: Row[] = []
    for await (const row of this.scan.matches(query, budget, place)) {
      rows.push(row)
      if (rows.length > query.limit) break
    }
    const more = rows.length > query.limit
    const shown = rows.slice(0, query.limit)
    const last = more ? shown.at(-1)!.id : place.cut ? place.last : undefined
    return {
      lines: shown.map(row => this.lineOf(row)),
      ...(last !== undefined && { next: String(last) }),
      total: more || query.cursor ? await this.count(query, budget, rows.length) : { count: rows.length, atLeast: place.cut },
      searchedTo: !more && place.cut && place.last !== undefined ? new Date(Number(place.last / milli)) : query.window.from,
      warnings: [],
    }
  }

  async histogram(query: LogQuery, step: number): Promise<LogHistogram> {
    const steps = new Map<number, Partial<Record<LogLevel, number>>>()
    const messages = new Map<string, number>()
    const add = (at: number, level: number, count: number) => {
      const counts = steps.get(at) ?? {}
      steps.set(at, counts)
      const name = logLevels[level]!
      counts[name] = (counts[name] ?? 0) + count
    }
    const budget = createBudget(this.clock)
    const plain = isPlain(query)
    let seen = 0
    for await (const row of this.scan.matches({ ...query, cursor: undefined }, budget, { cut: false })) {
      if (seen++ < mostMessages) {
        const message = plainMessage(row.body)
        messages.set(message, (messages.get(message) ?? 0) + 1)
      }
      else if (plain) break
      if (!plain) add(Math.floor(Number(row.id / milli) / step) * step, Number(row.level), 1)
    }
    // Nothing but time and level is asked: an index counts faster than we do.
    if (plain) {
      const [to, from] = rangeOf(query)
      for (const [level] of logLevels.entries()) {
        if (query.level && level < logLevels.indexOf(query.level)) continue
        for (const row of this.statements.steps.all(BigInt(step) * milli, level, to, from) as { step: bigint, count: bigint }[]) add(Number(row.step) * step, level, Number(row.count))
        await budget.breathe()
      }
    }
    return {
      steps: [...steps].sort((a, b) => a[0] - b[0]).map(([at, counts]) => ({ at: new Date(at), counts })),
      step,
      commonest: [...messages].sort((a, b) => b[1] - a[1]).slice(0, 5).map(([message, count]) => ({ message, count })),
      warnings: [],
    }
  }

  ofTrace(traceId: string, limit: number): Awaited<ReturnType<LogSource['ofTrace']>> {
    const bytes = traceIdBytes(traceId)
    const rows = bytes ? this.statements.ofTrace.all(bytes, limit + 1) as Row[] : []
    return { lines: rows.slice(0, limit).map(row => this.lineOf(row)), more: rows.length > limit, warnings: [] }
  }

  ofTraces({ traceIds, window, limit, longest }: Parameters<LogSource['ofTraces']>[0]): Awaited<ReturnType<LogSource['ofTraces']>> {
    const [to, from] = rangeOf({ window, limit })
    const lines: SpanLine[] = []
    for (const traceId of traceIds) {
      const bytes = traceIdBytes(traceId)
      if (!bytes) continue
      for (const { id, moved, level, serviceId, spanId, body } of this.statements.ofSpans.iterate(longest, bytes, to, from, limit - lines.length + 1) as Iterable<Row>) {
        if (lines.length === limit) return { lines, more: true, warnings: [] }
        lines.push({ at: new Date(Number((id - moved) / milli)), service: this.names.service(Number(serviceId)), level: logLevels[Number(level)]!, body, traceId, spanId: hexOf(spanId!) })
      }
    }
    return { lines, more: false, warnings: [] }
  }

  line(id: string): LogLine | undefined {
    const row = this.scan.line(id)
    return row && this.lineOf(row)
  }

  /** `seen` of them at least, however little time is left. */
  private async count(query: LogQuery, budget: Budget, seen: number): Promise<LogPage['total']> {
    const whole = { ...query, cursor: undefined }
    const [to, from] = rangeOf(whole)
    const words = query.text === undefined ? undefined : matchOf(query.text)
    let count = 0
    if (isPlain(query) && !query.level) count = this.statements.countAll.get(to, from, mostCounted + 1) as number
    else if (words && isPlain({ ...query, text: undefined }) && !query.level) count = this.statements.countWords.get(words, to, from, mostCounted + 1) as number
    else {
      const place: Place = { cut: false }
      for await (const row of this.scan.matches(whole, budget, place)) {
        void row
        if (++count > mostCounted) break
      }
      if (place.cut) return { count: Math.max(count, seen), atLeast: true }
    }
    return { count: Math.min(count, mostCounted), atLeast: count > mostCounted }
  }

  private lineOf(row: Row): LogLine {
    const resource = this.names.resource(Number(row.resourceId))
    const scope = this.names.scope(Number(row.scopeId))
    return {
      id: String(row.id),
      nanos: String(row.id - row.moved),
      at: new Date(Number((row.id - row.moved) / milli)),
      observedAt: new Date(Number(row.observedAt)),
      level: logLevels[Number(row.level)]!,
      levelText: row.levelText,
      service: this.names.service(Number(row.serviceId)),
      body: row.body,
      ...(row.traceId && { traceId: hexOf(row.traceId) }),
      ...(row.spanId && { spanId: hexOf(row.spanId) }),
      attributes: attributesOf(row.data),
      resource: resource.attributes,
      ...(scope && { scope: scope.name }),
    }
  }
}

/** Nothing but a time, and perhaps a level. */
function isPlain({ text, services, traceId, spanId, attributes }: LogQuery): boolean {
  return !text?.trim() && !services?.length && traceId === undefined && spanId === undefined && !attributes?.length
}
