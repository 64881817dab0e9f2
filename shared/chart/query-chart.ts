import type { QueriedSeries } from '../schemas/metrics'
import type { ChartModel, ChartSeries } from './chart-model'
import { valueScale } from './value-scale'

/** Lines that can be told apart; what comes after them is drawn in grey. */
export const colouredLines = 12
const drawnLines = 40

/** How figures of a query read. */
export type QueryUnit = 'seconds' | 'bytes' | 'ratio' | 'number'

/** Told from the query, as far as names of metrics follow the conventions. */
export function unitOfQuery(query: string): QueryUnit {
  if (/\bhistogram_quantile\s*\(/.test(query)) return /_seconds/.test(query) ? 'seconds' : 'number'
  if (/\b(?:rate|increase|irate|count|histogram_count|changes|resets)\s*\(/.test(query)) return 'number'
  if (/_seconds\b/.test(query)) return 'seconds'
  if (/_bytes\b/.test(query)) return 'bytes'
  return /_ratio\b/.test(query) ? 'ratio' : 'number'
}

/** Labels in which the series differ, the most telling first; none where there is one series without labels. */
export function tellingLabels(series: readonly Pick<QueriedSeries, 'labels'>[]): string[] {
  const names = [...new Set(series.flatMap(({ labels }) => Object.keys(labels)))]
  const values = (name: string) => new Set(series.map(({ labels }) => labels[name] ?? '')).size
  const differing = names.filter(name => values(name) > 1)
  const shown = differing.length ? differing : names.filter(name => name !== '__name__')
  return shown.sort((a, b) => values(b) - values(a) || a.localeCompare(b))
}

/** A name for one series among the others. */
export function nameOf({ labels }: Pick<QueriedSeries, 'labels'>, telling: readonly string[]): string {
  const told = telling.map(name => (name === '__name__' ? labels[name] : labels[name] === undefined ? undefined : telling.length === 1 ? labels[name] : `${name}=${labels[name]}`)).filter(Boolean)
  return told.join(' ') || labels.__name__ || '{}'
}

export function colourOf(i: number): string {
  return i < colouredLines ? `var(--service-${i + 1})` : 'var(--calm)'
}

/** Lines on one axis, from zero or from the lowest value below it. `only`: the place of the single one to draw. */
export function queryChart({ series, start, step, telling, only }: { series: readonly QueriedSeries[], start: Date, step: number, telling: readonly string[], only?: number }): ChartModel {
  const lines = series.slice(0, drawnLines).flatMap((each, i): ChartSeries[] => (only !== undefined && only !== i ? [] : [{ key: `${i}`, name: nameOf(each, telling), colour: colourOf(i), values: each.values }]))
  let [low, high] = [0, 0]
  for (const { values } of lines) {
    for (const value of values) {
      if (value === null) continue
      if (value < low) low = value
      if (value > high) high = value
    }
  }
  const columns = Math.max(1, ...lines.map(({ values }) => values.length))
  // A value belongs to the moment it was computed for: the middle of a step around it.
  const from = start.getTime() - step / 2
  return { kind: 'lines', from, to: from + columns * step, start: from, step, series: lines, changes: [], ...scaleOf(low, high) }
}

function scaleOf(low: number, high: number): Pick<ChartModel, 'min' | 'max' | 'ticks'> {
  if (low >= 0) return { ...valueScale(high), min: 0 }
  const { ticks } = valueScale(Math.max(high, -low))
  const unit = ticks[1] ?? 1
  const [first, last] = [Math.floor(low / unit), Math.ceil(high / unit)]
  return { min: first * unit, max: Math.max(last, first + 1) * unit, ticks: Array.from({ length: Math.max(last, first + 1) - first + 1 }, (_, i) => Number(((first + i) * unit).toPrecision(10))) }
}

/** What a table says of a line. */
export function summaryOf(values: readonly (number | null)[]): { min?: number, max?: number, last?: number } {
  const held = values.filter(value => value !== null)
  if (!held.length) return {}
  return { min: held.reduce((least, value) => Math.min(least, value)), max: held.reduce((most, value) => Math.max(most, value)), last: values.at(-1) ?? undefined }
}
