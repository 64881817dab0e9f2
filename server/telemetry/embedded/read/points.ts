import type { Database } from 'better-sqlite3'
import type { MetricSeries, MetricSource } from '../../ports'
import { attributesOf, type Names } from './names'

interface Point {
  at: number
  startedAt: number
  value: number
  count: number | null
}

/** The services' own metrics. */
export class Points {
  private names: Names
  private statements

  constructor({ db, names }: { db: Database, names: Names }) {
    this.names = names
    this.statements = {
      names: db.prepare('select name, unit, kind from metrics where service_id = ? order by name'),
      series: db.prepare(`select s.id, s.cumulative, s.attributes, m.unit, m.kind from metric_series s join metrics m on m.id = s.metric_id where m.service_id = ? and m.name = ?`),
      // The point before the window, too: a rate needs two.
      points: db.prepare(`select at, started_at as startedAt, value, count from metric_points where series_id = @series and at < @to
        and at >= coalesce((select max(at) from metric_points where series_id = @series and at < @from and at >= @from - 300000), @from) order by at`),
    }
  }

  metricNames(service: string) {
    const id = this.names.serviceId(service.toLowerCase())
    return id === undefined ? [] : this.statements.names.all(id) as { name: string, unit: string, kind: string }[]
  }

  points({ window, service, metric, step }: Parameters<MetricSource['points']>[0]): MetricSeries[] {
    const id = this.names.serviceId(service.toLowerCase())
    if (id === undefined) return []
    const rows = this.statements.series.all(id, metric) as { id: number, cumulative: number, attributes: Buffer, unit: string, kind: string }[]
    return rows.map((row) => {
      const points = this.statements.points.all({ series: row.id, from: window.from.getTime(), to: window.to.getTime() }) as Point[]
      const values = row.kind === 'gauge' ? levels(points) : row.kind === 'sum' ? rates(points, row.cumulative === 1) : means(points, row.cumulative === 1)
      return {
        attributes: attributesOf(row.attributes),
        unit: row.kind === 'sum' ? `${row.unit}/s` : row.unit,
        points: bySteps(values.filter(({ at }) => at >= window.from.getTime()), step),
      }
    }).filter(series => series.points.length > 0)
  }
}

/** A value, and how much it counts for in the mean of its step. */
interface Weighed {
  at: number
  value: number
  weight: number
}

function levels(points: Point[]): Weighed[] {
  return points.map(({ at, value }) => ({ at, value, weight: 1 }))
}

/** Per second, between each point and the one before. */
function rates(points: Point[], cumulative: boolean): Weighed[] {
  return pairs(points, cumulative).map(({ at, seconds, value }) => ({ at, value: value / seconds, weight: seconds }))
}

/** Mean of what a histogram counted between two points. */
function means(points: Point[], cumulative: boolean): Weighed[] {
  return pairs(points, cumulative).filter(({ count }) => count > 0).map(({ at, value, count }) => ({ at, value: value / count, weight: count }))
}

/** What was added from point to point. A sum that falls, or says that it began anew, counts from zero. */
function pairs(points: Point[], cumulative: boolean) {
  const added: { at: number, seconds: number, value: number, count: number }[] = []
  for (let i = 0; i < points.length; i++) {
    const point = points[i]!
    const before = points[i - 1]
    const began = before && Math.max(before.at, cumulative ? 0 : point.startedAt)
    const from = began ?? (point.startedAt > 0 && !cumulative ? point.startedAt : undefined)
    if (from === undefined || point.at <= from) continue
    const reset = !before || before.value > point.value || (before.count ?? 0) > (point.count ?? 0) || before.startedAt !== point.startedAt
    const base = cumulative && before && !reset ? before : { value: 0, count: 0 }
    added.push({ at: point.at, seconds: (point.at - from) / 1000, value: point.value - base.value, count: (point.count ?? 0) - (base.count ?? 0) })
  }
  return added
}

function bySteps(values: Weighed[], step: number): { at: Date, value: number }[] {
  const steps = new Map<number, { sum: number, weight: number }>()
  for (const { at, value, weight } of values) {
    const start = Math.floor(at / step) * step
    const held = steps.get(start) ?? { sum: 0, weight: 0 }
    steps.set(start, { sum: held.sum + value * weight, weight: held.weight + weight })
  }
  return [...steps].map(([at, { sum, weight }]) => ({ at: new Date(at), value: sum / weight }))
}
