import { createHash } from 'node:crypto'
import type { Database, Statement } from 'better-sqlite3'
import type { PointFacts } from '../ingest/scan-metrics'
import type { Rejections } from '../ingest/rejections'
import type { Dictionary, Service } from '../store/dictionary'
import type { Touched } from '../store/touched'

const mostSeries = 5_000
const often = 5_000

interface Metric {
  id: number
  last: number
  series: Map<string, number>
}

/** Writes points of the services' own metrics, by series. */
export class PointWriter {
  private dictionary: Dictionary
  private touched: Touched
  private metrics = new Map<string, Metric>()
  private seriesOf = new Map<number, number>()
  private statements: Record<'metric' | 'seen' | 'series' | 'point', Statement>

  constructor({ db, dictionary, touched }: { db: Database, dictionary: Dictionary, touched: Touched }) {
    this.dictionary = dictionary
    this.touched = touched
    this.statements = {
      metric: db.prepare('insert into metrics (service_id, name, unit, kind, last_seen) values (?, ?, ?, ?, ?)'),
      seen: db.prepare('update metrics set last_seen = ?, unit = ?, kind = ? where id = ?'),
      series: db.prepare('insert into metric_series (metric_id, digest, resource_id, cumulative, attributes) values (?, ?, ?, ?, ?)'),
      point: db.prepare('insert or replace into metric_points (series_id, at, started_at, value, count) values (?, ?, ?, ?, ?)'),
    }
    const byId = new Map<number, Metric>()
    const serviceOf = new Map<number, number>()
    for (const row of db.prepare('select id, service_id as serviceId, name, last_seen as last from metrics').all() as { id: number, serviceId: number, name: string, last: number }[]) {
      const metric = { id: row.id, last: row.last, series: new Map() }
      byId.set(row.id, metric)
      serviceOf.set(row.id, row.serviceId)
      this.metrics.set(`${row.serviceId} ${row.name}`, metric)
    }
    for (const row of db.prepare('select id, metric_id as metricId, digest from metric_series').all() as { id: number, metricId: number, digest: Buffer }[]) {
      byId.get(row.metricId)?.series.set(row.digest.toString('latin1'), row.id)
      this.countSeries(serviceOf.get(row.metricId)!)
    }
  }

  write(points: PointFacts[], rejected: Rejections, now: number): Map<Service, number> {
    const accepted = new Map<Service, number>()
    for (const point of points) {
      const service = this.dictionary.service(point.resource.service, now)
      const series = this.series(point, service, now)
      if (series === undefined) {
        rejected.add(service.name, 'too_many_series')
        continue
      }
      this.statements.point.run(series, point.at, point.startedAt, point.value, point.count ?? null)
      accepted.set(service, (accepted.get(service) ?? 0) + 1)
      this.touched.service(service.name)
    }
    return accepted
  }

  private series(point: PointFacts, service: Service, now: number): number | undefined {
    const isFull = (this.seriesOf.get(service.id) ?? 0) >= mostSeries
    // Names are invented as easily as series.
    if (isFull && !this.metrics.has(`${service.id} ${point.name}`)) return undefined
    const metric = this.metric(point, service, now)
    const digest = createHash('sha1').update(point.resource.digest).update(`${point.scope.name}\n${point.scope.version}\n`).update(point.attributes).digest()
    const key = digest.toString('latin1')
    const known = metric.series.get(key)
    const resourceId = this.dictionary.resource(point.resource, service, now)
    if (known !== undefined) return known
    if (isFull) return undefined
    const id = Number(this.statements.series.run(metric.id, digest, resourceId, point.cumulative ? 1 : 0, point.attributes).lastInsertRowid)
    metric.series.set(key, id)
    this.countSeries(service.id)
    return id
  }

  private metric(point: PointFacts, service: Service, now: number): Metric {
    const key = `${service.id} ${point.name}`
    let metric = this.metrics.get(key)
    if (!metric) {
      metric = { id: Number(this.statements.metric.run(service.id, point.name, point.unit, point.kind, now).lastInsertRowid), last: now, series: new Map() }
      this.metrics.set(key, metric)
    }
    else if (now - metric.last >= often) {
      metric.last = now
      this.statements.seen.run(now, point.unit, point.kind, metric.id)
    }
    return metric
  }

  private countSeries(serviceId: number) {
    this.seriesOf.set(serviceId, (this.seriesOf.get(serviceId) ?? 0) + 1)
  }
}
