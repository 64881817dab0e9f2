import type { Database, Statement } from 'better-sqlite3'
import type { LogFacts } from '../ingest/scan-logs'
import type { Dictionary, Service } from '../store/dictionary'
import type { Touched } from '../store/touched'

interface HeldLine {
  moved: number
  body: string
  serviceId: number
  traceId: Buffer | null
  spanId: Buffer | null
  data: Buffer
}

/** Writes log lines under their time, and their words into the full-text index. */
export class LogWriter {
  private dictionary: Dictionary
  private touched: Touched
  private statements: Record<'find' | 'insert' | 'index', Statement>

  constructor({ db, dictionary, touched }: { db: Database, dictionary: Dictionary, touched: Touched }) {
    this.dictionary = dictionary
    this.touched = touched
    this.statements = {
      find: db.prepare('select moved, body, service_id as serviceId, trace_id as traceId, span_id as spanId, data from logs where id = ?'),
      insert: db.prepare(`insert into logs (id, moved, observed_at, arrived_at, level, level_text, service_id, resource_id, scope_id, trace_id, span_id, body, data)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
      index: db.prepare('insert into logs_text (rowid, body) values (?, ?)'),
    }
  }

  /** Answers how many lines were taken, by service; those that were here already count, too. */
  write(lines: LogFacts[], now: number): Map<Service, number> {
    const accepted = new Map<Service, number>()
    // In the order of their ids: the full-text index would write itself out at each step back.
    const sorted = lines.toSorted((a, b) => a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0)
    const mine = new Set<bigint>()
    const next = new Map<bigint, bigint>()
    for (const line of sorted) {
      const service = this.dictionary.service(line.resource.service, now)
      accepted.set(service, (accepted.get(service) ?? 0) + 1)
      const id = this.place(line, service.id, next.get(line.nanos) ?? line.nanos, mine)
      if (id === undefined) continue
      mine.add(id)
      next.set(line.nanos, id + 1n)
      const resourceId = this.dictionary.resource(line.resource, service, now)
      this.statements.insert.run(id, Number(id - line.nanos), line.observedAt, now, line.level, line.levelText, service.id, resourceId,
        this.dictionary.scope(line.scope), line.traceId ?? null, line.spanId ?? null, line.body, line.attributes)
      this.statements.index.run(id, line.body + line.exception)
      this.touched.service(service.name)
      if (line.traceId) this.touched.trace(line.traceId)
    }
    return accepted
  }

  /** The first free place from its time on; undefined where an earlier batch brought the very same line. */
  private place(line: LogFacts, serviceId: number, from: bigint, mine: Set<bigint>): bigint | undefined {
    for (let id = from; ; id++) {
      if (mine.has(id)) continue
      const held = this.statements.find.get(id) as HeldLine | undefined
      if (!held) return id
      if (id - BigInt(held.moved) === line.nanos && isSame(held, line, serviceId)) return undefined
    }
  }
}

function isSame(held: HeldLine, line: LogFacts, serviceId: number): boolean {
  return held.serviceId === serviceId && held.body === line.body && sameBytes(held.traceId, line.traceId) && sameBytes(held.spanId, line.spanId)
    && sameBytes(held.data, line.attributes)
}

function sameBytes(a: Buffer | null, b: Uint8Array | undefined): boolean {
  return a === null ? b === undefined : b !== undefined && a.equals(b)
}
