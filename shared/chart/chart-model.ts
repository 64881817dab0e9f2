import { areaPath, linePath, round } from './line-path'
import { stackedColumns } from './stacked-columns'

/** Everything a chart over time shows; drawn on the server as it is, and by the live chart from the same. */
export interface ChartModel {
  kind: 'columns' | 'lines'
  /** Milliseconds since the epoch. */
  from: number
  to: number
  /** Start of the first step. */
  start: number
  step: number
  series: ChartSeries[]
  /** Foot of the axis; 0 unless said otherwise. */
  min?: number
  max: number
  ticks: number[]
  /** A limit, dashed. */
  objective?: number
  changes: ChartMark[]
  /** Stretch of trouble. */
  band?: { from: number, to: number }
  points?: ChartPoint[]
}

export interface ChartSeries {
  key: string
  name: string
  /** A CSS colour. */
  colour: string
  values: (number | null)[]
  area?: boolean
}

export interface ChartMark { at: number, label: string }
export interface ChartPoint { at: number, value: number, traceId: string, failed: boolean }

/** One frame for both ways of drawing, so that nothing moves when one takes the other's place. */
export const chartBox = { width: 380, height: 196, left: 48, right: 6, top: 16, bottom: 22 }

export interface DrawnChart {
  series: { key: string, colour: string, path: string, area?: string, filled: boolean }[]
  lines: { y: number, value: number }[]
  objective?: number
  changes: { x: number, label: string }[]
  band?: { x: number, width: number }
  points: { x: number, y: number, traceId: string, failed: boolean }[]
}

export function drawChart(model: ChartModel, box = chartBox): DrawnChart {
  const inner = { width: box.width - box.left - box.right, height: box.height - box.top - box.bottom }
  const span = model.to - model.from
  const time = (at: number) => round(box.left + Math.min(1, Math.max(0, (at - model.from) / span)) * inner.width)
  const foot = model.min ?? 0
  const y = (value: number) => round(box.top + (1 - Math.min(1, (value - foot) / (model.max - foot))) * inner.height)
  // A step's figure stands in its middle.
  const x = (i: number) => time(model.start + (i + 0.5) * model.step)
  const within = ({ at }: { at: number }) => at >= model.from && at <= model.to

  return {
    series: model.kind === 'columns'
      ? columns(model, box, inner)
      : model.series.map(({ key, colour, values, area }) => ({ key, colour, path: linePath(values, x, y), ...(area && { area: areaPath(values, x, y, box.top + inner.height) }), filled: false })),
    lines: model.ticks.map(value => ({ value, y: y(value) })),
    ...(model.objective !== undefined && model.objective <= model.max && { objective: y(model.objective) }),
    changes: model.changes.filter(within).map(({ at, label }) => ({ x: time(at), label })),
    ...(model.band && { band: { x: time(model.band.from), width: round(time(model.band.to) - time(model.band.from)) } }),
    points: (model.points ?? []).filter(within).map(({ at, value, traceId, failed }) => ({ x: time(at), y: y(value), traceId, failed })),
  }
}

/** Columns fill the plot from edge to edge, whatever the grid of the steps. */
function columns(model: ChartModel, box: typeof chartBox, inner: { width: number, height: number }): DrawnChart['series'] {
  const paths = stackedColumns(model.series.map(({ values }) => values.map(value => value ?? 0)), { ...inner, max: model.max })
  return model.series.map(({ key, colour }, i) => ({ key, colour, path: moved(paths[i]!, box.left, box.top), filled: true }))
}

/** Every column begins with a move; the rest of its path is relative. */
function moved(path: string, right: number, down: number): string {
  return path.replace(/M([\d.]+) ([\d.]+)/g, (_, x: string, y: string) => `M${round(Number(x) + right)} ${round(Number(y) + down)}`)
}

/** The place of a time among the steps, for tables and tooltips. */
export function stepTimes({ start, step, series }: Pick<ChartModel, 'start' | 'step' | 'series'>): Date[] {
  return (series[0]?.values ?? []).map((_, i) => new Date(start + i * step))
}
