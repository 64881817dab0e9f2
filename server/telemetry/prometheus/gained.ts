import type { Millis } from '#shared/units'
import { duration, labelRef } from './promql'

/** Who counts: the labels that tell one process from another, and something that all of them have from their start on. */
export interface Senders {
  target: readonly string[]
  known: string
}

/** Up to here the edges of a window matter more than what reading it twice costs. */
const exactUpTo: Millis = 60 * 60_000

/**
 * What counters gained over a range that ends where the query is evaluated, by series.
 *
 * `increase` alone is not that: it sees the samples inside the range and stretches what they gained to its ends, so
 * what was gained between the last sample before the range and the first one in it is guessed, and a series that
 * begins inside loses its first value: one failed request on a route that never failed is none.
 *
 *   samples            o----o----o----o----o----o
 *   range                 |---------------|
 *   increase                   [=========]            stretched to the ends
 *   x - x offset            [=============]           each end to its last sample: adds up from step to step
 *
 * Hence, in this order: the difference, for a series that is there at both ends and did not fall; the value itself, for a
 * series that began inside while its sender was known before, since senders count from zero; else `increase`,
 * which knows resets, ended series and senders that are new. Beyond an hour the edges no longer matter.
 */
export function gained(counter: string, range: Millis, senders: Senders): string {
  const earlier = `${counter} offset ${duration(range)}`
  const begun = begunOf(counter, range, senders)
  const rest = `increase(${counter}[${duration(range)}])`
  return range <= exactUpTo ? `(${counter} - ${earlier} >= 0) or (${begun}) or ${rest}` : `(${begun}) or ${rest}`
}

/** The same of native histograms, which cannot be compared with a number. */
export function gainedHistogram(histogram: string, range: Millis, senders: Senders): string {
  const earlier = `${histogram} offset ${duration(range)}`
  const begun = begunOf(histogram, range, senders)
  const rest = `increase(${histogram}[${duration(range)}])`
  const grown = `(${histogram} - ${earlier}) and (histogram_count(${histogram}) >= histogram_count(${earlier}))`
  return range <= exactUpTo ? `(${grown}) or (${begun}) or ${rest}` : `(${begun}) or ${rest}`
}

/** Times one loses the name of the metric, as the others do: VictoriaMetrics takes series of different names for different ones, and adds both up. */
function begunOf(metric: string, range: Millis, { target, known }: Senders): string {
  return `((${metric} unless ${metric} offset ${duration(range)}) and ${on(target)} ${known} offset ${duration(range)}) * 1`
}

export function on(target: readonly string[]): string {
  return `on (${target.map(labelRef).join(',')})`
}
