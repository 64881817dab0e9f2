/** Levels of a packed course: more than a sparkline has pixels. */
export const packedTop = 35

/** The courses of a service or an endpoint, as a table draws them. */
export interface PackedTrend { requests: string, errors: string, p95: string }

const letters = '0123456789abcdefghijklmnopqrstuvwxyz'

/** A course as one letter a step, from 0 to the largest value (never below `floor`); a dash where nothing came. */
export function packTrend(values: readonly (number | null)[], floor = 0): string {
  let top = floor
  for (const value of values) if (value !== null && value > top) top = value
  let packed = ''
  for (const value of values) packed += value === null ? '-' : letters[Math.round(value / (top || 1) * packedTop)]
  return packed
}

/** Requests, failed among them, and p95, one value a step. */
export function packTrends({ requests, failed, p95 }: { requests: (number | null)[], failed: (number | null)[], p95: (number | null)[] }): PackedTrend {
  // An error course never scales below 1 %, so that noise is no outage.
  const ratios = requests.map((count, i) => (count ? (failed[i] ?? 0) / count : null))
  return { requests: packTrend(requests), errors: packTrend(ratios, 0.01), p95: packTrend(p95) }
}
