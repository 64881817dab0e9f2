import { HOUR, MINUTE, type Millis } from '#shared/units'
import type { AlertSubject } from '../alert'
import { burnOf, measure, type Figures, type OwnRule } from './own-rule'
import { usualOf, type Step } from './usual-figures'

/** One subject's figure over time, one value a step; undefined where there is none. */
export interface Course {
  subject: AlertSubject
  values: (number | undefined)[]
  requests: number
}

/** Steps of one width; figure `i` is of the time up to the end of step `i`. */
export interface Steps {
  start: number
  step: Millis
  count: number
}

/**
 * The figure that a rule would have had at the end of each step, from what was counted step by step. Counts are added
 * up over the rule's window; quantiles cannot be, so their steps are as wide as it is. `lead` steps come before the
 * first that is judged.
 */
export function courseOf(rule: Pick<OwnRule, 'condition'>, { subject, rows }: { subject: AlertSubject, rows: readonly Step[] }, { start, step, count }: Steps, lead: number): Course {
  const { condition } = rule
  const held: (Step | undefined)[] = Array.from({ length: lead + count })
  for (const row of rows) {
    const i = Math.round((row.at.getTime() - start) / step) + lead
    if (i >= 0 && i < held.length) held[i] = row
  }
  const usual = condition.kind === 'anomaly' ? usualOf(rows, step) : undefined
  const over = (length: Millis) => Math.max(1, Math.round(length / step))

  function figureAt(i: number): number | undefined {
    switch (condition.kind) {
      case 'absence': return gapBefore(held, i, step)
      case 'burn': return burnOf(condition, sum(held, i, over(condition.long)), sum(held, i, over(condition.short)))
      case 'promql': return undefined
      default: {
        const steps = over(condition.window)
        const window = steps * step
        // A step that is wider than the window holds more requests than that would.
        return measure({ ...condition, window, least: Math.ceil(condition.least * window / condition.window) }, steps === 1 ? held[i] : sum(held, i, steps), usual)
      }
    }
  }

  return { subject, values: Array.from({ length: count }, (_, i) => figureAt(i + lead)), requests: rows.reduce((total, { requests }) => total + requests, 0) }
}

function sum(held: readonly (Step | undefined)[], last: number, steps: number): Figures | undefined {
  let total: Figures | undefined
  for (let i = Math.max(0, last - steps + 1); i <= last; i++) {
    const row = held[i]
    if (!row) continue
    total ??= { spans: 0, requests: 0, failed: 0, clientErrors: 0 }
    total.spans += row.spans
    total.requests += row.requests
    total.failed += row.failed
    total.clientErrors += row.clientErrors
  }
  return total
}

/** µs since the last step with a request; undefined before the first. */
function gapBefore(held: readonly (Step | undefined)[], last: number, step: Millis): number | undefined {
  for (let i = last; i >= 0; i--) if (held[i]?.requests) return (last - i) * step * 1_000
  return undefined
}

/** How finely a day is looked at: one subject by the minute, many at once by five. Quantiles by their window. */
export function stepFor({ condition }: Pick<OwnRule, 'condition'>, single: boolean): Millis {
  const finest = single ? MINUTE : 5 * MINUTE
  if (condition.kind === 'burn' && condition.long > 6 * HOUR) return 5 * MINUTE
  if ((condition.kind === 'threshold' || condition.kind === 'anomaly') && condition.measure !== 'rate' && condition.measure !== 'failed') return Math.max(finest, condition.window)
  return finest
}

/** Time before the first judgement that must be known. */
export function leadOf({ condition }: Pick<OwnRule, 'condition'>, step: Millis): number {
  if (condition.kind === 'promql') return 0
  const window = condition.kind === 'burn' ? condition.long : condition.window
  return Math.ceil(window / step)
}
