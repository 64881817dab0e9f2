import type { Database, Statement } from 'better-sqlite3'
import type { Clock } from '#server/clock'
import { logLevels } from '#shared/log-level'
import { plainMessage } from '#shared/plain-message'
import type { LogHistogram, LogLevel, LogLine, LogPage, LogQuery, LogSource, SpanLine } from '../../ports'
import { hexOf, traceIdBytes } from '../otlp/hex'
import { WireReader } from '../otlp/wire'
import { createBudget, type Budget } from './budget'
import { attributesOf, type Names } from './names'
import { isAttribute } from './span-has'

const chunk = 500
const mostCounted = 10_000
const mostMessages = 2_000
const milli = 1_000_000n

interface Row {
  id: bigint
  moved: bigint
  observedAt: bigint
  level: bigint
  levelText: string
  serviceId: bigint
  resourceId: bigint
  scopeId: bigint
  traceId: Buffer | null
  spanId: Buffer | null
  body: string
  data: Buffer
}

const columns = `id, moved, observed_at as observedAt, level, level_text as levelText, service_id as serviceId, resource_id as resourceId, scope_id as scopeId,
  trace_id as traceId, span_id as spanId, body, data`

/** How far a scan got, and whether its budget ended it. */
interface Place {
  last?: bigint
  cut: boolean
}

/** Reads log lines by time, by words, by trace. Ids are times, so every way of finding them goes newest first by itself. */
export class LogSearch {
  private clock: Clock
  private names: Names
  private statements: Record<'line' | 'all' | 'level' | 'service' | 'trace' | 'words' | 'ofTrace' | 'ofSpans' | 'countAll' | 'countWords' | 'steps', Statement>

  constructor({ db, clock, names }: { db: Database, clock: Clock, names: Names }) {
    this.clock = clock
    this.names = names
    const prepare = (sql: string) => db.prepare(sql).safeIntegers()
    const ids = (condition: string) => prepare(`select id from logs where ${condition} id < ? and id >= ? order by id desc limit ?`).pluck()
    this.statements = {
      line: prepare(`select ${columns} from logs where id = ?`),
      all: ids(''),
      level: ids('level = ? and'),
      service: ids('service_id = ? and'),
      trace: ids('trace_id = ? and'),
      words: prepare('select rowid from logs_text where logs_text match ? and rowid < ? and rowid >= ? order by rowid desc limit ?').pluck(),
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
    for await (const row of this.matches(query, budget, place)) {
      rows.push(row)
      if (rows.length > query.limit) break
    }
    const more = rows.length > query.limit
    const shown = rows.slice(0, query.limit)
    const last = more ? shown.at(-1)!.id : place.cut ? place.last : undefined
    return {
      lines: shown.map(row => this.lineOf(row)),
      ...(last !== undefined && { next: String(last) }),
      total: more || query.cursor ? await this.count(query, budget) : { count: rows.length, atLeast: place.cut },
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
    for await (const row of this.matches({ ...query, cursor: undefined }, budget, { cut: false })) {
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
    const row = /^\d{1,19}$/.test(id) ? this.statements.line.get(BigInt(id)) as Row | undefined : undefined
    return row && this.lineOf(row)
  }

  private async* matches(query: LogQuery, budget: Budget, place: Place): AsyncGenerator<Row> {
    const passes = this.conditions(query)
    const next = this.candidates(query)
    if (!passes || !next) return
    let [before] = rangeOf(query)
    for (;;) {
      const ids = next(before)
      for (const id of ids) {
        place.last = id
        const row = this.statements.line.get(id) as Row | undefined
        if (row && passes(row)) yield row
        if (budget.isSpent) {
          place.cut = true
          return
        }
      }
      if (ids.length < chunk) return
      before = ids.at(-1)!
      await budget.breathe()
    }
  }

  /** The most telling index: ids below `before`, newest first, `chunk` at a time. Undefined where nothing can match. */
  private candidates(query: LogQuery): ((before: bigint) => bigint[]) | undefined {
    const { statements } = this
    const [, from] = rangeOf(query)
    if (query.traceId !== undefined) {
      const bytes = traceIdBytes(query.traceId)
      return bytes && (before => statements.trace.all(bytes, before, from, chunk) as bigint[])
    }
    const words = query.text === undefined ? undefined : matchOf(query.text)
    if (words) return before => statements.words.all(words, before, from, chunk) as bigint[]
    if (query.level === 'warn' || query.level === 'error' || query.level === 'fatal') {
      const levels = logLevels.map((_, level) => level).slice(logLevels.indexOf(query.level))
      return before => merged(levels.map(level => statements.level.all(level, before, from, chunk) as bigint[]))
    }
    if (query.services?.length) {
      const ids = query.services.map(name => this.names.serviceId(name.toLowerCase())).filter(id => id !== undefined)
      return before => merged(ids.map(id => statements.service.all(id, before, from, chunk) as bigint[]))
    }
    return before => statements.all.all(before, from, chunk) as bigint[]
  }

  /** What the index did not decide; undefined where a name was never seen. */
  private conditions({ services, level, traceId, spanId, attributes }: LogQuery): ((row: Row) => boolean) | undefined {
    const serviceIds = services?.length ? new Set(services.map(name => this.names.serviceId(name.toLowerCase())).filter(id => id !== undefined)) : undefined
    if (serviceIds?.size === 0) return undefined
    const lowest = level ? logLevels.indexOf(level) : 0
    const trace = traceId === undefined ? undefined : traceIdBytes(traceId)
    const span = spanId === undefined ? undefined : Buffer.from(spanId, 'hex')
    return row => Number(row.level) >= lowest
      && (!serviceIds || serviceIds.has(Number(row.serviceId)))
      && (!trace || (row.traceId !== null && trace.equals(row.traceId)))
      && (!span || (row.spanId !== null && span.equals(row.spanId)))
      && (attributes ?? []).every(wanted => hasAttribute(row.data, wanted))
  }

  private async count(query: LogQuery, budget: Budget): Promise<LogPage['total']> {
    const whole = { ...query, cursor: undefined }
    const [to, from] = rangeOf(whole)
    const words = query.text === undefined ? undefined : matchOf(query.text)
    let count = 0
    if (isPlain(query) && !query.level) count = this.statements.countAll.get(to, from, mostCounted + 1) as number
    else if (words && isPlain({ ...query, text: undefined }) && !query.level) count = this.statements.countWords.get(words, to, from, mostCounted + 1) as number
    else {
      const place: Place = { cut: false }
      for await (const row of this.matches(whole, budget, place)) {
        void row
        if (++count > mostCounted) break
      }
      if (place.cut) return { count, atLeast: true }
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

/** Ids below the first and not below the second are in the window, behind the cursor. */
function rangeOf({ window, cursor }: LogQuery): [before: bigint, from: bigint] {
  const to = BigInt(window.to.getTime()) * milli
  const after = /^\d{1,19}$/.test(cursor ?? '') ? BigInt(cursor!) : to
  return [after < to ? after : to, BigInt(window.from.getTime()) * milli]
}

/** Every word as the beginning of one. Undefined where no word is left. */
export function matchOf(text: string): string | undefined {
  const words = text.split(/\s+/).filter(word => /[\p{L}\p{N}\p{Co}]/u.test(word))
  return words.length === 0 ? undefined : words.slice(0, 20).map(word => `"${word.replaceAll('"', '""').replaceAll('\0', '')}" *`).join(' AND ')
}

function isPlain({ text, services, traceId, spanId, attributes }: LogQuery): boolean {
  return !text?.trim() && !services?.length && traceId === undefined && spanId === undefined && !attributes?.length
}

/** Several lists, each newest first, as one. */
function merged(lists: bigint[][]): bigint[] {
  if (lists.length === 1) return lists[0]!
  return lists.flat().sort((a, b) => a > b ? -1 : a < b ? 1 : 0).slice(0, chunk)
}

function hasAttribute(data: Buffer, wanted: { key: string, value: string }): boolean {
  const reader = new WireReader(data)
  for (let tag = reader.field(); tag; tag = reader.field()) {
    if (tag !== 10) {
      reader.skip(tag)
      continue
    }
    const end = reader.length()
    if (isAttribute(new WireReader(data, reader.at, end), wanted)) return true
    reader.at = end
  }
  return false
}
