import type { Database, Statement } from 'better-sqlite3'
import { plainMessage } from '#shared/plain-message'
import { OTHER, type Operation, type Service } from '../store/dictionary'

const mostGroups = 500

interface Group {
  id: number
  last: number
}

/** Failing spans that say the same: counted by ten seconds, each count with its newest trace. */
export class ErrorGroups {
  private groups = new Map<string, Group>()
  private perService = new Map<number, number>()
  private counts = new Map<Group, Map<number, { count: number, serviceId: number, traceId: Uint8Array }>>()
  private statements: Record<'insert' | 'seen' | 'count', Statement>

  constructor(db: Database) {
    this.statements = {
      insert: db.prepare('insert into error_groups (service_id, operation_id, error_type, message, first_seen, last_seen) values (?, ?, ?, ?, ?, ?)'),
      seen: db.prepare('update error_groups set last_seen = max(last_seen, ?) where id = ?'),
      count: db.prepare(`insert into error_counts (service_id, bucket, group_id, count, trace_id) values (?, ?, ?, ?, ?)
        on conflict do update set count = count + excluded.count, trace_id = excluded.trace_id`),
    }
    const rows = db.prepare('select id, service_id as serviceId, operation_id as operationId, error_type as type, message, last_seen as last from error_groups').all() as
      { id: number, serviceId: number, operationId: number, type: string, message: string, last: number }[]
    for (const row of rows) this.hold(row.serviceId, keyOf(row.serviceId, row.operationId, row.type, row.message), { id: row.id, last: row.last })
  }

  /** `at` is in ms. */
  add({ service, operation, type, message, at, traceId }: { service: Service, operation: Operation, type: string, message: string, at: number, traceId: Uint8Array }): void {
    const group = this.group(service, operation, type.slice(0, 200), plainMessage(message), at)
    group.last = Math.max(group.last, at)
    let byBucket = this.counts.get(group)
    if (!byBucket) this.counts.set(group, byBucket = new Map())
    const second = Math.floor(at / 1000)
    const bucket = second - second % 10
    const held = byBucket.get(bucket)
    if (held) {
      held.count++
      held.traceId = traceId
    }
    else byBucket.set(bucket, { count: 1, serviceId: service.id, traceId })
  }

  /** Inside the store's transaction. */
  flush(): void {
    for (const [group, byBucket] of this.counts) {
      this.statements.seen.run(group.last, group.id)
      for (const [bucket, { count, serviceId, traceId }] of byBucket) this.statements.count.run(serviceId, bucket, group.id, count, traceId)
    }
    this.counts.clear()
  }

  private group(service: Service, operation: Operation, type: string, message: string, at: number): Group {
    const key = keyOf(service.id, operation.id, type, message)
    const known = this.groups.get(key)
    if (known) return known
    if ((this.perService.get(service.id) ?? 0) >= mostGroups && message !== OTHER) return this.group(service, operation, OTHER, OTHER, at)
    const group = { id: Number(this.statements.insert.run(service.id, operation.id, type, message, at, at).lastInsertRowid), last: at }
    return this.hold(service.id, key, group)
  }

  private hold(serviceId: number, key: string, group: Group): Group {
    this.groups.set(key, group)
    this.perService.set(serviceId, (this.perService.get(serviceId) ?? 0) + 1)
    return group
  }
}

function keyOf(serviceId: number, operationId: number, type: string, message: string): string {
  return `${serviceId} ${operationId} ${type}\n${message}`
}
