import type { Database, Statement } from 'better-sqlite3'
import { logLevels } from '#shared/log-level'
import type { LogQuery } from '../../ports'
import { traceIdBytes } from '../otlp/hex'
import { WireReader } from '../otlp/wire'
import type { Budget } from './budget'
import type { Names } from './names'
import { isAttribute } from './span-has'

const chunk = 500
export const milli = 1_000_000n

/** A line as it is stored; its id is its time in ns, `moved` on where another line has that. */
export interface Row {
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

export const columns = `id, moved, observed_at as observedAt, level, level_text as levelText, service_id as serviceId, resource_id as resourceId, scope_id as scopeId,
  trace_id as traceId, span_id as spanId, body, data`

/** How far a scan got, and whether its budget ended it. */
export interface Place {
  last?: bigint
  cut: boolean
}

/** Finds lines newest first, by the most telling index and what it did not decide. Ids are times, so the order costs nothing. */
export class LogScan {
  private names: Names
  private statements: Record<'line' | 'all' | 'level' | 'service' | 'trace' | 'words', Statement>

  constructor({ db, names }: { db: Database, names: Names }) {
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
    }
  }

  /** One by its id. */
  line(id: string): Row | undefined {
    return /^\d{1,19}$/.test(id) ? this.statements.line.get(BigInt(id)) as Row | undefined : undefined
  }

  async* matches(query: LogQuery, budget: Budget, place: Place): AsyncGenerator<Row> {
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
}

/** Ids below the first and not below the second are in the window, behind the cursor. */
export function rangeOf({ window, cursor }: LogQuery): [before: bigint, from: bigint] {
  const to = BigInt(window.to.getTime()) * milli
  const after = /^\d{1,19}$/.test(cursor ?? '') ? BigInt(cursor!) : to
  return [after < to ? after : to, BigInt(window.from.getTime()) * milli]
}

/** Every word as the beginning of one. Undefined where no word is left. */
export function matchOf(text: string): string | undefined {
  const words = text.split(/\s+/).filter(word => /[\p{L}\p{N}\p{Co}]/u.test(word))
  return words.length === 0 ? undefined : words.slice(0, 20).map(word => `"${word.replaceAll('"', '""').replaceAll('\0', '')}" *`).join(' AND ')
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
