import type { Database, Statement } from 'better-sqlite3'

/** A trace as lists show it, merged from what each batch brings. Numbers are those of the dictionary. */
export interface Summary {
  id: number
  traceId: Uint8Array
  startedAt: number
  endedAt: number
  spans: number
  /** 1 once the true root is here, 0 while the earliest span stands in for it. */
  rooted: 0 | 1
  rootStartedAt: number
  rootServiceId: number
  rootOperationId: number
  rootKind: number
  rootRouteId: number | null
  rootDuration: number
  status: number | null
  consumerId: number | null
  failed: 0 | 1
  errorType: string | null
  parts: Part[]
  stored: boolean
}

/** One service's part in it. */
export interface Part {
  serviceId: number
  startedAt: number
  spans: number
  /** `,12,7,` */
  operations: string
  routes: string
  consumerId: number | null
  failed: 0 | 1
  status: number | null
  requestDuration: number | null
  requestSpan: Uint8Array | null
  errorType: string | null
  version: string | null
  instance: string | null
  stored: boolean
  changed: boolean
}

/** Traces still growing are held; older ones are read again when a late span comes. */
const held = 16_000
const longestList = 1_000

export class Summaries {
  private recent = new Map<number, Summary>()
  private statements: Record<'find' | 'parts' | 'insert' | 'update' | 'insertPart' | 'updatePart', Statement>

  constructor(db: Database) {
    this.statements = {
      find: db.prepare(`select id, started_at as startedAt, ended_at as endedAt, spans, rooted, root_started_at as rootStartedAt, root_service_id as rootServiceId,
        root_operation_id as rootOperationId, root_kind as rootKind, root_route_id as rootRouteId, root_duration as rootDuration, status, consumer_id as consumerId,
        failed, error_type as errorType from traces where trace_id = ?`),
      parts: db.prepare(`select service_id as serviceId, started_at as startedAt, spans, operations, routes, consumer_id as consumerId, failed, status,
        request_duration as requestDuration, request_span as requestSpan, error_type as errorType, version, instance from trace_services where trace = ?`),
      insert: db.prepare(`insert into traces (trace_id, started_at, ended_at, arrived_at, spans, rooted, root_started_at, root_service_id, root_operation_id, root_kind,
        root_route_id, root_duration, status, consumer_id, failed, error_type) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
      update: db.prepare(`update traces set started_at = ?, ended_at = ?, arrived_at = ?, spans = ?, rooted = ?, root_started_at = ?, root_service_id = ?, root_operation_id = ?,
        root_kind = ?, root_route_id = ?, root_duration = ?, status = ?, consumer_id = ?, failed = ?, error_type = ? where id = ?`),
      insertPart: db.prepare(`insert into trace_services (started_at, spans, operations, routes, consumer_id, failed, status, request_duration, request_span, error_type,
        version, instance, trace, service_id) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
      updatePart: db.prepare(`update trace_services set started_at = ?, spans = ?, operations = ?, routes = ?, consumer_id = ?, failed = ?, status = ?, request_duration = ?,
        request_span = ?, error_type = ?, version = ?, instance = ? where trace = ? and service_id = ?`),
    }
  }

  /** The summary to add to: held, read, or new. */
  of(hash: number, traceId: Uint8Array): Summary {
    const known = this.recent.get(hash)
    if (known && isSame(known.traceId, traceId)) return known
    const summary = this.read(traceId) ?? emptySummary(traceId)
    if (this.recent.size >= held) this.recent.delete(this.recent.keys().next().value!)
    this.recent.set(hash, summary)
    return summary
  }

  write(summary: Summary, now: number): void {
    const { insert, update, insertPart, updatePart } = this.statements
    const values = [
      summary.startedAt, summary.endedAt, now, summary.spans, summary.rooted, summary.rootStartedAt, summary.rootServiceId, summary.rootOperationId, summary.rootKind,
      summary.rootRouteId, summary.rootDuration, summary.status, summary.consumerId, summary.failed, summary.errorType,
    ]
    if (summary.stored) update.run(...values, summary.id)
    else summary.id = Number(insert.run(summary.traceId, ...values).lastInsertRowid)
    summary.stored = true
    for (const part of summary.parts) {
      if (!part.changed) continue
      const statement = part.stored ? updatePart : insertPart
      statement.run(part.startedAt, part.spans, part.operations, part.routes, part.consumerId, part.failed, part.status, part.requestDuration,
        part.requestSpan, part.errorType, part.version, part.instance, summary.id, part.serviceId)
      part.stored = true
      part.changed = false
    }
  }

  /** After retention took traces away. */
  forget(): void {
    this.recent.clear()
  }

  private read(traceId: Uint8Array): Summary | undefined {
    const row = this.statements.find.get(traceId) as Omit<Summary, 'traceId' | 'parts' | 'stored'> | undefined
    if (!row) return undefined
    const parts = this.statements.parts.all(row.id) as Omit<Part, 'stored' | 'changed'>[]
    return { ...row, traceId, parts: parts.map(part => ({ ...part, stored: true, changed: false })), stored: true }
  }
}

function emptySummary(traceId: Uint8Array): Summary {
  return {
    id: 0, traceId, startedAt: Infinity, endedAt: 0, spans: 0, rooted: 0, rootStartedAt: Infinity, rootServiceId: 0, rootOperationId: 0, rootKind: 0, rootRouteId: null,
    rootDuration: 0, status: null, consumerId: null, failed: 0, errorType: null, parts: [], stored: false,
  }
}

export function partOf(summary: Summary, serviceId: number): Part {
  for (const part of summary.parts) if (part.serviceId === serviceId) return part
  const part: Part = {
    serviceId, startedAt: Infinity, spans: 0, operations: ',', routes: ',', consumerId: null, failed: 0, status: null, requestDuration: null, requestSpan: null,
    errorType: null, version: null, instance: null, stored: false, changed: true,
  }
  summary.parts.push(part)
  return part
}

/** `,12,7,` with one more, if it is new. */
export function withNumber(list: string, id: number): string {
  return list.length > longestList || list.includes(`,${id},`) ? list : `${list}${id},`
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < 16; i++) if (a[i] !== b[i]) return false
  return true
}
