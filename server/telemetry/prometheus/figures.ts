import type { Micros, Millis, TimeWindow } from '#shared/units'
import type { Red, SourceWarning } from '../ports'
import type { Labels, Point, PrometheusApi, Queried, Series } from './api'
import { above, fromBounds, fromNative, type Distribution } from './distribution'
import { countQueries, failureQueries, spreadQueries, type FigureChoice, type QueriedSpread } from './figure-queries'
import { firstOf, type CallLabels } from './labels'
import type { Matcher } from './promql'
import { quantileNames, RedSum } from './red-sum'

/** A question to one kind of metrics, in words of its labels. */
export interface FiguresQuestion<Row> extends Pick<FigureChoice, 'measure' | 'matchers' | 'by'> {
  window: TimeWindow
  step?: Millis
  /** The row that a series belongs to; undefined: to none that was asked for. */
  toRow: (labels: Labels, spelt: CallLabels) => Row | undefined
  /** Rows are told apart by their status as well. */
  byStatus?: boolean
  countsOnly?: boolean
  /** The question names a route or an operation. */
  narrow?: boolean
  /** Of a row, what counts as long; undefined: nothing does. */
  limitOf?: (row: Row) => Micros | undefined
  signal?: AbortSignal
}

interface Reading {
  api: PrometheusApi
  only: readonly Matcher[]
  /** How often counters move. */
  resolution?: Millis
}

/** One grouped query per figure for all rows, all at once: calls by status, time spent, and how it is spread. */
export async function readFigures<Row extends object>(
  { api, only, resolution }: Reading,
  { measure, window, step, matchers, by, toRow, byStatus = false, countsOnly = false, narrow = false, limitOf, signal }: FiguresQuestion<Row>,
): Promise<{ data: (Row & Red & { at?: Date, slow?: number })[], warnings: SourceWarning[] }> {
  const wanted = step ?? window.to.getTime() - window.from.getTime()
  // Counters that move once a minute say nothing about ten seconds: their mean over a minute stands for them.
  const range = resolution && wanted < resolution ? resolution : wanted
  const choice: FigureChoice = { measure, range, stepped: step !== undefined, only, matchers, by, byStatus, narrow, resolution }
  const ask = (query: string) => (step === undefined ? api.instant(query, window.to, { signal }) : api.range(query, gridOf(window, step), { signal }))
  const [counts, failures, spreads] = [countQueries(choice), failureQueries(choice), countsOnly ? [] : spreadQueries(choice)]
  const [counted, failed, spread] = await Promise.all([
    Promise.all(counts.map(({ query }) => ask(query))),
    Promise.all(failures.map(({ query }) => ask(query))),
    Promise.all(spreads.map(queries => askSpread(queries, ask))),
  ])

  const rows = createRows({ step, by, toRow, limitOf, scale: wanted / range })
  counted.forEach((answer, i) => rows.addCounts(answer, counts[i]!.labels))
  failed.forEach((answer, i) => rows.addFailures(answer, failures[i]!.labels))
  spread.forEach((answers, i) => rows.addSpread(answers, spreads[i]!))
  const { data, beyond } = rows.read()
  return {
    data,
    warnings: distinct([
      ...(range > wanted ? [said('smoothed', { seconds: range / 1000 })] : []),
      ...[...beyond].map(bound => said('beyond_last_bound', { seconds: bound / 1e6 })),
      ...[...counted, ...failed, ...spread.flatMap(({ all }) => all)].flatMap(({ warnings }) => warnings),
    ]),
  }
}

/** Steps lie on the clock's grid, each evaluated at its end; the first and the last may reach past the window. */
export function gridOf({ from, to }: TimeWindow, step: Millis): { from: Date, to: Date, step: Millis } {
  const first = Math.floor(from.getTime() / step) * step
  const steps = Math.max(1, Math.ceil((to.getTime() - first) / step))
  return { from: new Date(first + step), to: new Date(first + steps * step), step }
}

/** 5xx, or ERROR where there is no status; a call that got no answer has neither, but a type of error. */
export function outcomeOf(labels: Labels, { status, outcome, errorType }: CallLabels): { status: number, failed: boolean } {
  const code = Number(firstOf(labels, status) ?? 0) || 0
  const isError = /error$/i.test(outcome ? labels[outcome] ?? '' : '') || (!outcome && firstOf(labels, errorType) !== undefined)
  return { status: code, failed: code >= 500 || (code === 0 && isError) }
}

export function distinct(warnings: readonly SourceWarning[]): SourceWarning[] {
  return [...new Map(warnings.map(warning => [JSON.stringify([warning.code, warning.params]), warning])).values()]
}

export function said(code: string, params?: SourceWarning['params']): SourceWarning {
  return { source: 'prometheus', code, ...(params && { params }) }
}

/** Classes of each group of series that differ in nothing but their bound. */
export function spreadOf(series: readonly Series[], { native, unit }: { native?: string, unit: number }): { labels: Labels, point: Point, classes: Distribution, sum: number }[] {
  if (native !== undefined) {
    return series.flatMap(({ labels, points: [point] }) => (point?.histogram ? [{ labels, point, classes: fromNative(point.histogram.classes, unit), sum: isCountable(point.histogram.sum) ? point.histogram.sum * unit : 0 }] : []))
  }
  const groups = Map.groupBy(series, ({ labels: { le: _, ...rest } }) => JSON.stringify(Object.entries(rest).sort()))
  return [...groups.values()].map(group => ({
    labels: group[0]!.labels, point: group[0]!.points[0]!, sum: 0,
    classes: fromBounds(group.flatMap(({ labels: { le }, points: [point] }) => (isCountable(point?.value) ? [{ le: le === '+Inf' ? Infinity : Number(le) * unit, count: point.value }] : []))),
  }))
}

/** What one process recorded without end must not take the figures of all others with it. */
function isCountable(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value)
}

interface Spread { sum?: Queried, classes?: Queried, quantiles: Queried[], all: Queried[] }

async function askSpread({ sum, classes, quantiles }: QueriedSpread, ask: (query: string) => Promise<Queried>): Promise<Spread> {
  const queries = [...new Set([sum, classes, ...quantiles])].filter(query => query !== undefined)
  const answers = new Map(await Promise.all(queries.map(async query => [query, await ask(query)] as const)))
  return { sum: answers.get(sum!), classes: answers.get(classes!), quantiles: quantiles.map(query => answers.get(query)!), all: [...answers.values()] }
}

/** Puts answers together by row and step. `scale`: how much of what was asked for belongs to the window. */
function createRows<Row extends object>({ step, by, toRow, limitOf, scale }: Pick<FiguresQuestion<Row>, 'step' | 'by' | 'toRow' | 'limitOf'> & { scale: number }) {
  const sums = new Map<string, RedSum<Row>>()
  const beyond = new Set<number>()

  function sumOf(labels: Labels, point: Point, spelt: CallLabels): RedSum<Row> | undefined {
    const row = toRow(labels, spelt)
    if (!row) return undefined
    const key = `${point.at} ${JSON.stringify(row)}`
    const sum = sums.get(key) ?? new RedSum(row, step === undefined ? undefined : new Date(Math.round(point.at * 1000) - step))
    sums.set(key, sum)
    return sum
  }

  function each({ series }: Queried, spelt: CallLabels, add: (sum: RedSum<Row>, value: number, labels: Labels, id: string) => void) {
    for (const { labels, points } of series) {
      const id = JSON.stringify(by(spelt).map(label => labels[label] ?? ''))
      for (const point of points) {
        const sum = isCountable(point.value) ? sumOf(labels, point, spelt) : undefined
        if (sum) add(sum, point.value!, labels, id)
      }
    }
  }

  function slowOf({ row, distribution }: RedSum<Row>): { slow?: number } {
    const limit = limitOf?.(row)
    const slow = limit === undefined ? undefined : above(distribution, limit)
    return slow === undefined ? {} : { slow: slow * scale }
  }

  return {
    addCounts: (answer: Queried, spelt: CallLabels) => each(answer, spelt, (sum, value, labels, id) => {
      const { status, failed } = outcomeOf(labels, spelt)
      sum.requests += value * scale
      if (failed) sum.failed += value * scale
      if (Math.floor(status / 100) === 4) sum.clientErrors += value * scale
      sum.part(id).weight += value
    }),

    addFailures: (answer: Queried, spelt: CallLabels) => each(answer, spelt, (sum, value) => sum.failed += value * scale),

    addSpread({ sum, classes, quantiles }: Spread, { histogram }: QueriedSpread) {
      const { unit, labels: spelt, lastBound } = histogram
      if (sum) each(sum, spelt, (row, value) => row.duration += value * unit * scale)
      quantiles.forEach((answer, i) => each(answer, spelt, (row, value, _, id) => {
        row.part(id)[quantileNames[i]!] = value * unit
        if (lastBound !== undefined && value * unit >= lastBound) beyond.add(lastBound)
      }))
      for (const { labels, point, classes: own, sum: spent } of classes ? spreadOf(classes.series, histogram) : []) {
        const row = sumOf(labels, point, spelt)
        if (!row) continue
        row.duration += spent * scale
        row.distribution.push(...own)
      }
    },

    read() {
      const held = [...sums.values()].filter(sum => sum.requests > 1e-9)
      if (step !== undefined) held.sort((a, b) => a.at!.getTime() - b.at!.getTime())
      return { data: held.map(sum => ({ ...sum.row, ...(sum.at && { at: sum.at }), ...sum.red(bound => beyond.add(bound)), ...slowOf(sum) })), beyond }
    },
  }
}
