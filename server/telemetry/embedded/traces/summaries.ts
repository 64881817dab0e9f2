import type { Database, Statement } from 'better-sqlite3'
import { emptySummary, mergeSummary, servicesOf, type Part, type Summary } from './summary'

/** Traces still growing are held; older ones are read again when a late span comes. */
const held = 16_000

/** Summaries in the file, and those of the newest traces in memory. */
export class Summaries {
  private recent = new Map<number, Summary>()
  private statements: Record<'find' | 'part' | 'insert' | 'update' | 'insertPart' | 'updatePart' | 'movePart', Statement>

  constructor(db: Database) {
    const place = 'service_id = ? and started_at = ? and trace = ?'
    this.statements = {
      find: db.prepare(`select id, started_at as startedAt, ended_at as endedAt, spans, rooted, root_started_at as rootStartedAt, root_service_id as rootServiceId,
        root_operation_id as rootOperationId, root_kind as rootKind, root_route_id as rootRouteId, root_duration as rootDuration, status, consumer_id as consumerId,
        failed, error_type as errorType, error_ended_at as errorEndedAt, services from traces where trace_id = ?`),
      part: db.prepare(`select service_id as serviceId, started_at as startedAt, spans, operations, routes, remotes, consumer_id as consumerId, failed, status,
        request_duration as requestDuration, request_span as requestSpan, error_type as errorType, error_ended_at as errorEndedAt,
        resource_id as resourceId from trace_services
        where service_id = ? and started_at >= ? and started_at <= ? and trace = ?`),
      insert: db.prepare(`insert or ignore into traces (trace_id, started_at, ended_at, arrived_at, spans, rooted, root_started_at, root_service_id, root_operation_id, root_kind,
        root_route_id, root_duration, status, consumer_id, failed, error_type, error_ended_at, services) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
      update: db.prepare(`update traces set started_at = ?, ended_at = ?, arrived_at = ?, spans = ?, rooted = ?, root_started_at = ?, root_service_id = ?, root_operation_id = ?,
        root_kind = ?, root_route_id = ?, root_duration = ?, status = ?, consumer_id = ?, failed = ?, error_type = ?, error_ended_at = ?, services = ? where id = ?`),
      insertPart: db.prepare(`insert into trace_services (spans, operations, routes, remotes, consumer_id, failed, status, request_duration, request_span, error_type,
        error_ended_at, resource_id, service_id, started_at, trace) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
      updatePart: db.prepare(`update trace_services set spans = ?, operations = ?, routes = ?, remotes = ?, consumer_id = ?, failed = ?, status = ?, request_duration = ?,
        request_span = ?, error_type = ?, error_ended_at = ?, resource_id = ? where ${place}`),
      movePart: db.prepare(`update trace_services set started_at = ? where ${place}`),
    }
  }

  /** The summary to add to: held, or new. A new one may turn out to be known when it is written. */
  of(hash: number, traceId: Uint8Array): Summary {
    const known = this.recent.get(hash)
    if (known && isSame(known.traceId, traceId)) return known
    // A copy: the id is a view into all that came with it.
    const summary = emptySummary(new Uint8Array(traceId))
    this.hold(hash, summary)
    return summary
  }

  write(hash: number, summary: Summary, now: number): number {
    if (summary.id === 0) {
      // Nearly always it is new: asking first would cost every trace what only a late span needs.
      const { changes, lastInsertRowid } = this.statements.insert.run(summary.traceId, ...valuesOf(summary, now))
      if (changes === 1) summary.id = Number(lastInsertRowid)
      else {
        summary = mergeSummary(this.read(summary.traceId), summary)
        this.hold(hash, summary)
        this.statements.update.run(...valuesOf(summary, now), summary.id)
      }
    }
    else this.statements.update.run(...valuesOf(summary, now), summary.id)
    for (const part of summary.parts) if (part.changed) this.writePart(part, summary.id)
    return summary.id
  }

  /** After retention took traces away. */
  forget(): void {
    this.recent.clear()
  }

  private writePart(part: Part, trace: number) {
    const { insertPart, updatePart, movePart } = this.statements
    if (part.storedAt !== undefined && part.storedAt !== part.startedAt) movePart.run(part.startedAt, part.serviceId, part.storedAt, trace)
    const statement = part.storedAt === undefined ? insertPart : updatePart
    statement.run(part.spans, part.operations, part.routes, part.remotes, part.consumerId, part.failed, part.status, part.requestDuration, part.requestSpan, part.errorType,
      part.errorEndedAt, part.resourceId, part.serviceId, part.startedAt, trace)
    part.storedAt = part.startedAt
    part.changed = false
  }

  private read(traceId: Uint8Array): Summary {
    const { services, ...row } = this.statements.find.get(traceId) as Omit<Summary, 'traceId' | 'parts'> & { services: string }
    const parts = services.split(',').filter(Boolean).map(id => this.statements.part.get(Number(id), row.startedAt, row.endedAt, row.id) as Omit<Part, 'storedAt' | 'changed'> | undefined)
    return { ...row, traceId, parts: parts.filter(part => part !== undefined).map(part => ({ ...part, storedAt: part.startedAt, changed: false })) }
  }

  private hold(hash: number, summary: Summary) {
    if (this.recent.size >= held) this.recent.delete(this.recent.keys().next().value!)
    this.recent.set(hash, summary)
  }
}

function valuesOf(summary: Summary, now: number) {
  return [
    summary.startedAt, summary.endedAt, now, summary.spans, summary.rooted, summary.rootStartedAt, summary.rootServiceId, summary.rootOperationId, summary.rootKind,
    summary.rootRouteId, summary.rootDuration, summary.status, summary.consumerId, summary.failed, summary.errorType, summary.errorEndedAt, servicesOf(summary),
  ]
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < 16; i++) if (a[i] !== b[i]) return false
  return true
}
