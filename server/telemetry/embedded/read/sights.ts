import type { Database } from 'better-sqlite3'
import type { Clock } from '#server/clock'
import type { Answer, ErrorGroup, Exemplar, MetricSource, RequestsQuery, SeenRoute, SeenService } from '../../ports'
import { hexOf } from '../otlp/hex'
import { createBudget } from './budget'
import type { Names } from './names'

const mostExemplarRows = 20_000

/** What was seen: routes, services, errors, and the traces behind a chart. */
export class Sights {
  private clock: Clock
  private names: Names
  private statements

  constructor({ db, clock, names }: { db: Database, clock: Clock, names: Names }) {
    this.clock = clock
    this.names = names
    this.statements = {
      routes: db.prepare(`select s.name as service, r.method, r.route_key as routeKey, r.first_seen as firstSeen, r.last_seen as lastSeen, r.sample_path as samplePath
        from routes r join services s on s.id = r.service_id where (? is null or s.name = ?) and r.last_seen >= ? order by r.last_seen desc`),
      services: db.prepare(`select id, name as service, namespace, language, first_seen as firstSeen, last_seen as lastSeen from services order by name`),
      versions: db.prepare('select service_id as serviceId, version, first_seen as firstSeen, last_seen as lastSeen from service_versions order by last_seen desc, first_seen desc'),
      instances: db.prepare('select service_id as serviceId, count(*) as instances from service_instances where last_seen >= ? group by service_id'),
      errors: db.prepare(`select g.id, g.error_type as errorType, g.message, g.operation_id as operationId, g.first_seen as firstSeen, g.last_seen as lastSeen,
        c.bucket, c.count, c.trace_id as traceId from error_counts c join error_groups g on g.id = c.group_id where c.service_id = ? and c.bucket >= ? and c.bucket < ? order by c.bucket`),
      requests: db.prepare(`select p.started_at as startedAt, p.request_duration as duration, p.request_span as span, p.failed, p.routes, t.trace_id as traceId, t.consumer_id as consumerId
        from trace_services p join traces t on t.id = p.trace where p.service_id = ? and p.started_at >= ? and p.started_at < ? and p.request_duration is not null
        order by p.started_at desc limit ?`),
    }
  }

  seen(filter: { service?: string, since?: Date } = {}): SeenRoute[] {
    const service = filter.service?.toLowerCase() ?? null
    const rows = this.statements.routes.all(service, service, filter.since?.getTime() ?? 0) as (Omit<SeenRoute, 'firstSeen' | 'lastSeen' | 'samplePath'> & { firstSeen: number, lastSeen: number, samplePath: string | null })[]
    return rows.map(({ samplePath, ...row }) => ({ ...row, ...times(row), ...(samplePath !== null && { samplePath }) }))
  }

  services(): SeenService[] {
    const versions = Map.groupBy(this.statements.versions.all() as { serviceId: number, version: string, firstSeen: number, lastSeen: number }[], row => row.serviceId)
    const hourAgo = this.clock.now().getTime() - 3_600_000
    const instances = new Map((this.statements.instances.all(hourAgo) as { serviceId: number, instances: number }[]).map(row => [row.serviceId, row.instances]))
    const rows = this.statements.services.all() as { id: number, service: string, namespace: string | null, language: string | null, firstSeen: number, lastSeen: number }[]
    return rows.map(({ id, service, namespace, language, ...seen }) => ({
      service, ...times(seen),
      ...(namespace !== null && { namespace }),
      ...(language !== null && { language }),
      versions: (versions.get(id) ?? []).map(row => ({ version: row.version, ...times(row) })),
      instances: instances.get(id) ?? 0,
    }))
  }

  errors({ window, service, limit, step }: Parameters<MetricSource['errors']>[0]): Answer<ErrorGroup[]> {
    const id = this.names.serviceId(service.toLowerCase())
    const rows = id === undefined
      ? []
      : this.statements.errors.all(id, tens(window.from), Math.ceil(window.to.getTime() / 1000)) as
      { id: number, errorType: string, message: string, operationId: number, firstSeen: number, lastSeen: number, bucket: number, count: number, traceId: Buffer }[]
    const groups = new Map<number, ErrorGroup>()
    for (const row of rows) {
      let group = groups.get(row.id)
      if (!group) {
        group = { errorType: row.errorType, message: row.message, operation: this.names.operation(row.operationId), count: 0, ...times(row), traceId: '', ...(step && { series: [] }) }
        groups.set(row.id, group)
      }
      group.count += row.count
      // In the order of time: the last one stays.
      group.traceId = hexOf(row.traceId)
      if (!step) continue
      const at = Math.floor(row.bucket * 1000 / step) * step
      const last = group.series!.at(-1)
      if (last?.at.getTime() === at) last.count += row.count
      else group.series!.push({ at: new Date(at), count: row.count })
    }
    const data = [...groups.values()].sort((a, b) => b.count - a.count || b.lastSeen.getTime() - a.lastSeen.getTime()).slice(0, limit)
    return { data, population: { kind: 'all' }, warnings: [] }
  }

  /** Of each step the slowest request, those at its median and its p95, and the slowest failed one. */
  async exemplars({ window, where = {}, step }: RequestsQuery & { step: number }): Promise<Exemplar[]> {
    const budget = createBudget(this.clock)
    const consumer = where.consumer === undefined || where.consumer === 'unknown' ? null : this.names.consumerId(where.consumer) ?? -1
    const routes = this.names.routes().filter(route => (where.method ?? route.method) === route.method && (where.routeKey ?? route.routeKey) === route.routeKey)
    const steps = new Map<number, Exemplar[]>()
    for (const { id, name } of this.names.services()) {
      if (where.service !== undefined && where.service.toLowerCase() !== name) continue
      const mine = routes.filter(route => route.serviceId === id).map(route => `,${route.id},`)
      if (mine.length === 0) continue
      const rows = this.statements.requests.all(id, window.from.getTime() * 1000, window.to.getTime() * 1000, mostExemplarRows) as
        { startedAt: number, duration: number, span: Buffer, failed: number, routes: string, traceId: Buffer, consumerId: number | null }[]
      for (const row of rows) {
        if (where.consumer !== undefined && row.consumerId !== consumer) continue
        if (!mine.some(route => row.routes.includes(route))) continue
        const at = Math.floor((row.startedAt + row.duration) / 1000 / step) * step
        const exemplar = { at: new Date((row.startedAt + row.duration) / 1000), duration: row.duration, traceId: hexOf(row.traceId), spanId: hexOf(row.span), failed: row.failed === 1 }
        const held = steps.get(at)
        if (held) held.push(exemplar)
        else steps.set(at, [exemplar])
      }
      await budget.breathe()
    }
    return [...steps.values()].flatMap(chosen).sort((a, b) => a.at.getTime() - b.at.getTime())
  }
}

function chosen(exemplars: Exemplar[]): Exemplar[] {
  const sorted = exemplars.toSorted((a, b) => a.duration - b.duration)
  const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!
  return [...new Set([at(0.5), at(0.95), sorted.at(-1)!, sorted.findLast(exemplar => exemplar.failed)].filter(exemplar => exemplar !== undefined))]
}

function times({ firstSeen, lastSeen }: { firstSeen: number, lastSeen: number }) {
  return { firstSeen: new Date(firstSeen), lastSeen: new Date(lastSeen) }
}

function tens(date: Date): number {
  const second = Math.floor(date.getTime() / 1000)
  return second - second % 10
}
