import { SECOND, type Millis, type TimeWindow } from '#shared/units'
import type { Figures, UsualFigures } from './own-rule'

const fewestSteps = 2
const fewestCalls = 20

export interface Step extends Figures { at: Date }

/**
 * What is usual for one subject: of the steps of a day the median by requests, without those of trouble; a rate by the
 * steps themselves. Empty where less than two steps or twenty calls are known.
 */
export function usualOf(steps: readonly Step[], step: Millis, trouble: readonly TimeWindow[] = []): UsualFigures {
  const calm = steps.filter(({ at, requests }) => requests > 0 && !trouble.some(({ from, to }) => at < to && at.getTime() + step > from.getTime()))
  const total = calm.reduce((sum, { spans, requests, failed }) => ({ spans: sum.spans + spans, requests: sum.requests + requests, failed: sum.failed + failed }), { spans: 0, requests: 0, failed: 0 })
  if (calm.length < fewestSteps || total.spans < fewestCalls) return {}
  return {
    rate: median(calm.map(({ requests }) => ({ value: requests / (step / SECOND), weight: 1 }))),
    failed: total.failed / total.requests,
    ...Object.fromEntries((['p50', 'p95', 'p99'] as const).map(name => [name, median(calm.flatMap(row => row[name] === undefined ? [] : { value: row[name], weight: row.requests }))])),
  }
}

function median(values: { value: number, weight: number }[]): number | undefined {
  const sorted = values.sort((a, b) => a.value - b.value)
  const half = sorted.reduce((sum, { weight }) => sum + weight, 0) / 2
  let passed = 0
  return sorted.find(({ weight }) => (passed += weight) >= half)?.value
}
