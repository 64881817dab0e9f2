import type { Database, Statement } from 'better-sqlite3'
import type { Clock } from '#server/clock'
import type { Answer, OperationsQuery, OperationsRow, Red, RequestsQuery, RequestsRow } from '../../ports'
import { remoteKinds, spanKinds } from '../ingest/facts'
import type { Retention } from '../snapshot'
import { createBudget } from './budget'
import type { Names } from './names'
import { RedSum, type CellRow } from './red'
import { stretchesOf } from './steps'

/** A figure is read to its end, however long: half a sum is no figure. */
const noLimit = Infinity

/** Reads the two cubes: one pass over the cells of the window, whatever the number of groups. */
export class Figures {
  private clock: Clock
  private names: Names
  private retention: Retention
  private cells: Record<'requests' | 'operations', Statement>

  constructor({ db, clock, names, retention }: { db: Database, clock: Clock, names: Names, retention: Retention }) {
    this.clock = clock
    this.names = names
    this.retention = retention
    const sql = (table: string) => `select key_id as keyId, bucket, spans, requests, failed, duration, sketch from ${table}
      where level = ? and service_id = ? and bucket >= ? and bucket < ?`
    this.cells = { requests: db.prepare(sql('request_cells')), operations: db.prepare(sql('operation_cells')) }
  }

  async requests(query: RequestsQuery): Promise<Answer<RequestsRow[]>> {
    const { names } = this
    const { where = {}, groupBy } = query
    const describe = (keyId: number): { row: RequestsRow, statusClass: number } | undefined => {
      const key = names.requestKey(keyId)
      const route = key && names.route(key.routeId)
      if (!route) return undefined
      const whole = { service: names.service(key.serviceId), method: route.method, routeKey: route.routeKey, consumer: names.consumer(key.consumerId), statusClass: key.statusClass }
      if ((where.method ?? whole.method) !== whole.method || (where.routeKey ?? whole.routeKey) !== whole.routeKey || (where.consumer ?? whole.consumer) !== whole.consumer) return undefined
      return { row: pick(whole, groupBy) as unknown as RequestsRow, statusClass: key.statusClass }
    }
    return this.sum('requests', query, where.service, describe)
  }

  async operations(query: OperationsQuery): Promise<Answer<OperationsRow[]>> {
    const { names } = this
    const { where = {}, groupBy } = query
    names.refreshRemotes()
    const operation = where.operation?.toLowerCase()
    const describe = (keyId: number): { row: OperationsRow, statusClass: number } | undefined => {
      const key = names.operationKey(keyId)
      if (!key) return undefined
      const remote = key.remoteId === 0 ? undefined : names.remote(key.remoteId)
      const callee = remote?.calleeId ? names.service(remote.calleeId) : undefined
      const whole = {
        service: names.service(key.serviceId), operation: names.operation(key.operationId), kind: spanKinds[key.kind]!,
        remote: callee ?? remote?.name ?? '', statusClass: key.statusClass,
      }
      if ((where.kind ?? whole.kind) !== whole.kind || (operation ?? whole.operation.toLowerCase()) !== whole.operation.toLowerCase()) return undefined
      if (where.remote !== undefined && where.remote !== whole.remote && where.remote !== remote?.name) return undefined
      const row = pick(whole, groupBy) as unknown as OperationsRow
      if (groupBy.includes('remote') && remote) row.remoteKind = callee ? 'service' : remoteKinds[remote.kind]
      return { row, statusClass: key.statusClass }
    }
    return this.sum('operations', query, where.service, describe)
  }

  private async sum<Row extends Red & { at?: Date }>(
    cube: 'requests' | 'operations', { window, step }: { window: RequestsQuery['window'], step?: number }, service: string | undefined,
    describe: (keyId: number) => { row: Row, statusClass: number } | undefined,
  ): Promise<Answer<Row[]>> {
    const budget = createBudget(this.clock, noLimit)
    const described = new Map<number, { group: string, row: Row, statusClass: number } | undefined>()
    const sums = new Map<string, { row: Row, sum: RedSum }>()
    const seconds = step && step / 1000
    const services = this.names.services().filter(entry => service === undefined || entry.name === service.toLowerCase())
    for (const { level, from, to } of stretchesOf(window, step, this.clock.now().getTime(), this.retention)) {
      for (const { id } of services) {
        for (const cell of this.cells[cube].all(level, id, from, to) as CellRow[]) {
          let key = described.get(cell.keyId)
          if (key === undefined && !described.has(cell.keyId)) {
            const found = describe(cell.keyId)
            described.set(cell.keyId, key = found && { ...found, group: JSON.stringify(found.row) })
          }
          if (!key) continue
          const at = seconds ? cell.bucket - cell.bucket % seconds : 0
          const group = seconds ? `${at} ${key.group}` : key.group
          let entry = sums.get(group)
          if (!entry) sums.set(group, entry = { row: seconds ? { ...key.row, at: new Date(at * 1000) } : { ...key.row }, sum: new RedSum() })
          entry.sum.add(cell, key.statusClass)
        }
        await budget.breathe()
      }
    }
    const entries = [...sums.values()]
    if (seconds) entries.sort((a, b) => a.row.at!.getTime() - b.row.at!.getTime())
    const estimated = entries.some(({ sum }) => sum.isEstimated)
    return { data: entries.map(({ row, sum }) => Object.assign(row, sum.red)), population: { kind: estimated ? 'estimated' : 'all' }, warnings: [] }
  }
}

function pick(whole: Record<string, unknown>, fields: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(fields.map(field => [field, whole[field]]))
}
