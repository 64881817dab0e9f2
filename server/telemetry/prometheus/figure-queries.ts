import { MINUTE, type Millis } from '#shared/units'
import { gained, gainedHistogram, on } from './gained'
import type { CallLabels } from './labels'
import type { Histogram, Measure } from './measures'
import { duration, selector, sumBy, type Matcher } from './promql'
import { quantileNames, quantiles } from './red-sum'

/** Of a scrape, where nobody says otherwise. */
const usualResolution: Millis = MINUTE

export interface QueriedCounts {
  query: string
  labels: CallLabels
}

export interface QueriedSpread {
  histogram: Histogram
  /** Time spent; of a native histogram over a whole window it is in the classes. */
  sum?: string
  /** How it is spread, by class… */
  classes?: string
  /** …or as quantiles, in the order of `quantileNames`. */
  quantiles: string[]
}

export interface FigureChoice {
  measure: Measure
  /** What counters gained in it is asked for. */
  range: Millis
  stepped: boolean
  /** On every series, whatever the question. */
  only: readonly Matcher[]
  matchers: (labels: CallLabels) => Matcher[]
  by: (labels: CallLabels) => string[]
  byStatus: boolean
  /** The question names a route or an operation: few series, so that nothing of them need be lost for speed. */
  narrow: boolean
  /** How often counters move, as far as known. */
  resolution?: Millis
}

/** Calls by status. */
export function countQueries({ measure, range, only, matchers, by }: FigureChoice): QueriedCounts[] {
  const metrics = measure.counters.map(({ name, labels }) => selector(name, [...only, ...matchers(labels)]))
  return measure.counters.map(({ native, labels }, i) => {
    const metric = metrics[i]!
    const groups = [...by(labels), ...statusLabels(labels), ...(measure.role === 'http-client' ? labels.errorType : [])]
    const grown = native ? gainedHistogram(metric, range, sendersOf(measure, i, only)) : gained(metric, range, sendersOf(measure, i, only))
    const sum = sumBy(groups, untold(grown, metrics.slice(0, i), measure))
    return { query: `${native ? `histogram_count(${sum})` : sum} > 0`, labels }
  })
}

/** Failures where they are counted apart. */
export function failureQueries({ measure, range, only, matchers, by }: FigureChoice): QueriedCounts[] {
  const { failed, counters } = measure
  if (failed === undefined) return []
  return counters.map(({ labels }, i) => ({ query: `${sumBy(by(labels), gained(selector(failed, [...only, ...matchers(labels)]), range, sendersOf(measure, i, only)))} > 0`, labels }))
}

/**
 * Over a whole window by class: that gives all quantiles for one reading of the buckets, adds up where several series make
 * one row, and shows what lies beyond the last bound. From step to step it would be sixteen numbers where three do, so there
 * the backend computes the quantiles. Of many series it does so from a plain rate, begun one move of the counters earlier:
 * measured six times cheaper than the exact gain, and only the spread of a series' very first calls is lost by it.
 */
export function spreadQueries({ measure, range, stepped, only, matchers, by, byStatus, narrow, resolution = usualResolution }: FigureChoice): QueriedSpread[] {
  const metrics = measure.histograms.map(({ native, bucket, labels }) => selector(native ?? bucket!, [...only, ...matchers(labels)]))
  const totals = measure.histograms.map(({ sum, labels }) => sum && selector(sum, [...only, ...matchers(labels)]))
  return measure.histograms.map((histogram, i) => {
    const { native, labels } = histogram
    const earlier = metrics.slice(0, i).map((metric, j) => totals[j] ?? metric)
    const groups = [...by(labels), ...(byStatus ? statusLabels(labels) : [])]
    const senders = sendersOf(measure, i, only)
    const grown = untold(native ? gainedHistogram(metrics[i]!, range, senders) : gained(metrics[i]!, range, senders), earlier, measure)
    const rate = untold(`rate(${metrics[i]!}[${duration(range + resolution)}])`, earlier, measure)
    const classes = sumBy(native ? groups : [...groups, 'le'], stepped && !narrow ? rate : grown)
    const spent = native
      ? stepped ? `histogram_sum(${sumBy(groups, grown)})` : undefined
      : totals[i] && sumBy(groups, untold(gained(totals[i], range, senders), earlier, measure))
    return stepped
      ? { histogram, sum: spent, quantiles: quantileNames.map(name => `histogram_quantile(${quantiles[name]}, ${classes}) >= 0`) }
      : { histogram, sum: spent, classes, quantiles: [] }
  })
}

function statusLabels({ status, outcome }: CallLabels): string[] {
  return [...status, ...(outcome ? [outcome] : [])]
}

export function sendersOf({ target, counters }: Measure, i: number, only: readonly Matcher[]) {
  return { target, known: selector(counters[Math.min(i, counters.length - 1)]!.name, only) }
}

/** Without the senders that an earlier metric told of already. */
function untold(expression: string, earlier: readonly string[], { target }: Measure): string {
  return earlier.length ? `(${expression}) unless ${on(target)} (${earlier.join(' or ')})` : expression
}
