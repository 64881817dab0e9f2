import type { Database, Statement } from 'better-sqlite3'
import type { Clock } from '#server/clock'
import type { TimeWindow } from '#shared/units'
import { operationName } from '#shared/trace/operation-name'
import type { Answer, DurationClass, DurationsQuery, OperationsQuery, OperationsRow, Population, Red, RequestsQuery, RequestsRow } from '../../ports'
import { remoteKinds, spanKinds } from '../ingest/facts'
import type { Retention } from '../snapshot'
import { createBudget } from './budget'
import type { Names } from './names'
import { RedSum, type CellRow } from './red'
import { stretchesOf } from './steps'

/** A figure is read to its end, however long: half a sum is no figure. */
const noLimit = Infinity

type Cube = 'requests' | 'operations'

/** Reads the two cubes: one pass over the cells of the window, whatever the number of groups. */
export class Figures {
  private clock: Clock
  private names: Names
  private retention: Retention
  private cells: Record<Cube, Statement>
  private cellsOfKeys: Statement

  constructor({ db, clock, names, retention }: { db: Database, clock: Clock, names: Names, retention: Retention }) {
    this.clock = clock
    this.names = names
    this.retention = retention
    const sql = (table: string) => `select key_id as keyId, bucket, spans, requests, failed, duration, sketch from ${table}
      where level = ? and service_id = ? and bucket >= ? and bucket < ?`
    this.cells = { requests: db.prepare(sql('request_cells')), operations: db.prepare(sql('operation_cells')) }
    this.cellsOfKeys = db.prepare(`${sql('operation_cells')} and key_id in (select value from json_each(?))`)
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
    const limits = new Map(query.beyond?.map(({ service, method, routeKey, limit }) => [`${service.toLowerCase()} ${method} ${routeKey}`, limit]))
    return this.sum('requests', query, where.service, describe, (row, sum) => {
      const limit = limits.get(`${row.service} ${row.method} ${row.routeKey}`)
      return limit === undefined ? {} : { slow: sum.above(limit) }
    })
  }

  async operations(query: OperationsQuery): Promise<Answer<OperationsRow[]>> {
    const { groupBy } = query
    const find = this.operationsOf(query.where)
    const describe = (keyId: number): { row: OperationsRow, statusClass: number } | undefined => {
      const found = find(keyId)
      if (!found) return undefined
      const row = pick(found.whole, groupBy) as unknown as OperationsRow
      if (groupBy.includes('remote') && found.remoteKind) row.remoteKind = found.remoteKind
      return { row, statusClass: found.whole.statusClass }
    }
    return this.sum('operations', query, query.where?.service, describe)
  }

  async durations({ window, where }: DurationsQuery): Promise<Answer<DurationClass[]>> {
    const find = this.operationsOf(where)
    const service = this.names.serviceId(where.service.toLowerCase())
    const keys = JSON.stringify(this.names.operationKeys().filter(({ id, serviceId }) => serviceId === service && find(id)).map(({ id }) => id))
    const sum = new RedSum()
    await this.visit({ window }, where.service, (...stretch) => this.cellsOfKeys.all(...stretch, keys), cell => sum.add(cell, 0))
    return { data: sum.classes, population: populationOf([sum]), warnings: [] }
  }

  /** What an operation's key stands for, or nothing where it is not of those asked for. */
  private operationsOf({ operation, kind, remote: wanted }: NonNullable<OperationsQuery['where']> = {}) {
    const { names } = this
    names.refreshRemotes()
    const name = operation === undefined ? undefined : operationName(operation).toLowerCase()
    return (keyId: number) => {
      const key = names.operationKey(keyId)
      if (!key) return undefined
      const remote = key.remoteId === 0 ? undefined : names.remote(key.remoteId)
      const callee = remote?.calleeId ? names.service(remote.calleeId) : undefined
      const whole = {
        service: names.service(key.serviceId), operation: names.operation(key.operationId), kind: spanKinds[key.kind]!,
        remote: callee ?? remote?.name ?? '', statusClass: key.statusClass,
      }
      if ((kind ?? whole.kind) !== whole.kind || (name ?? whole.operation.toLowerCase()) !== whole.operation.toLowerCase()) return undefined
      if (wanted !== undefined && wanted !== whole.remote && wanted !== remote?.name) return undefined
      return { whole, remoteKind: remote && (callee ? 'service' as const : remoteKinds[remote.kind]) }
    }
  }

  private async sum<Row extends Red & { at?: Date }>(
    cube: Cube, { window, step }: { window: TimeWindow, step?: number }, service: string | undefined,
    describe: (keyId: number) => { row: Row, statusClass: number } | undefined,
    more: (row: Row, sum: RedSum) => Partial<Row> = () => ({}),
  ): Promise<Answer<Row[]>> {
    const described = new Map<number, { group: string, row: Row, statusClass: number } | undefined>()
    const sums = new Map<string, { row: Row, sum: RedSum }>()
    const seconds = step && step / 1000
    await this.visit({ window, step }, service, (...stretch) => this.cells[cube].all(...stretch), (cell) => {
      let key = described.get(cell.keyId)
      if (key === undefined && !described.has(cell.keyId)) {
        const found = describe(cell.keyId)
        described.set(cell.keyId, key = found && { ...found, group: JSON.stringify(found.row) })
      }
      if (!key) return
      const at = seconds ? cell.bucket - cell.bucket % seconds : 0
      const group = seconds ? `${at} ${key.group}` : key.group
      let entry = sums.get(group)
      if (!entry) sums.set(group, entry = { row: seconds ? { ...key.row, at: new Date(at * 1000) } : { ...key.row }, sum: new RedSum() })
      entry.sum.add(cell, key.statusClass)
    })
    const entries = [...sums.values()]
    if (seconds) entries.sort((a, b) => a.row.at!.getTime() - b.row.at!.getTime())
    return { data: entries.map(({ row, sum }) => Object.assign(row, sum.red, more(row, sum))), population: populationOf(entries.map(({ sum }) => sum)), warnings: [] }
  }

  /** Every cell of the window once, with a pause after each service. */
  private async visit(
    { window, step }: { window: TimeWindow, step?: number }, service: string | undefined,
    read: (level: number, serviceId: number, from: number, to: number) => unknown[], each: (cell: CellRow) => void,
  ) {
    const budget = createBudget(this.clock, noLimit)
    const services = this.names.services().filter(entry => service === undefined || entry.name === service.toLowerCase())
    for (const { level, from, to } of stretchesOf(window, step, this.clock.now().getTime(), this.retention)) {
      for (const { id } of services) {
        for (const cell of read(level, id, from, to) as CellRow[]) each(cell)
        await budget.breathe()
      }
    }
  }
}

function populationOf(sums: RedSum[]): Population {
  return { kind: sums.some(sum => sum.isEstimated) ? 'estimated' : 'all' }
}

function pick(whole: Record<string, unknown>, fields: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(fields.map(field => [field, whole[field]]))
}
