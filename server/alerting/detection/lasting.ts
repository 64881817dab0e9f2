import type { Micros } from '#shared/units'
import type { Slower } from './contrast'
import { anomaly } from './parameters'
import { isExcused, type View } from './platform'
import type { Series } from './series'

/**
 * What was slower than usual for so long that it is usual by now, and still goes on: it is held against what was usual
 * before it began. Only where somebody says that it must not stay so: other weeks at this hour, or what the endpoint
 * promises. Undefined where it recovered, or where it may stay.
 */
export function findLasting(view: View, series: Series): Slower | undefined {
  const usual = view.usualBefore(series)
  const width = anomaly.widths.at(-1)!
  const { requests, spans, duration, p50, p95 } = series.fine.sum(view.to - anomaly.blocks * width.steps, view.to)
  if (usual === undefined || !requests) return undefined
  // Both must be: which of them was meant is not known any more.
  const now: Micros = Math.min(duration / requests, p50)
  const slower = { ratio: now / usual, now, usual, calls: spans }
  if (slower.ratio < 1 + (anomaly.ratios[0]!.ratio - 1) * anomaly.keep) return undefined
  const breaksPromise = p95 > (view.promised(series) ?? Infinity)
  return breaksPromise || (view.weekly(series) && !isExcused(view, series, slower)) ? slower : undefined
}
