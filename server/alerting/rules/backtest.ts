import type { AlertSubject } from '../alert'
import { proceed, type Patience, type Standing } from '../alert-state'
import type { Course, Steps } from './courses'
import { holds, type Test } from './own-rule'

/** One time a rule would have fired for one subject. */
export interface Firing {
  subject: AlertSubject
  at: Date
  /** Undefined: it still would. */
  over?: Date
  peak: number
}

export interface BacktestRule extends Test {
  patience: Patience
  reached: boolean
}

/** What the state machine that judges in earnest makes of a course: when it would have fired, and how far it went. */
export function firingsOf({ patience, ...test }: BacktestRule, { subject, values }: Course, { start, step }: Steps): Firing[] {
  const firings: Firing[] = []
  const further = (a: number, b: number) => (test.comparator === 'above' ? Math.max(a, b) : Math.min(a, b))
  let standing: Standing | undefined
  let peak: number | undefined
  values.forEach((value, i) => {
    const at = new Date(start + (i + 1) * step)
    const odd = value !== undefined && holds(test, value, test)
    const before = standing?.firing ?? false
    standing = proceed(standing, value === undefined ? 'no_data' : odd ? 'holds' : 'clear', patience, at)
    if (odd) peak = peak === undefined ? value : further(peak, value)
    else if (standing.state === 'ok' || standing.state === 'no_data') peak = standing.firing ? peak : undefined
    if (standing.firing && !before) firings.push({ subject, at, peak: peak! })
    else if (standing.firing && odd) firings.at(-1)!.peak = further(firings.at(-1)!.peak, value)
    else if (before && !standing.firing) firings.at(-1)!.over = at
  })
  return firings
}

/**
 * The nearest limit with which it would not have fired once: a tighter one fires whenever a looser one does, so the
 * figures that occurred are halved until one is left, and what is a hair beyond it is rounded to what people write.
 */
export function quietLimit(rule: BacktestRule, courses: readonly Course[], steps: Steps): number | undefined {
  const fires = (limit: number) => courses.some(course => firingsOf({ ...rule, limit }, course, steps).length > 0)
  const sign = rule.comparator === 'above' ? 1 : -1
  const beyond = [...new Set(courses.flatMap(({ values }) => values.filter((value): value is number => value !== undefined && holds(rule, value, rule))))].sort((a, b) => sign * (a - b))
  if (!beyond.length || !fires(rule.limit)) return undefined
  let [low, high] = [0, beyond.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (fires(next(beyond[middle]!))) low = middle + 1
    else high = middle
  }
  const found = beyond[low]!
  return fires(next(found)) ? undefined : roundAway(next(found), sign)

  /** The least that `value` would be within. */
  function next(value: number): number {
    return rule.reached ? value * (1 + 1e-9) : value
  }
}

/** To two digits, away from the figures: 872 becomes 880, below a limit 0.123 becomes 0.12. */
function roundAway(value: number, sign: 1 | -1): number {
  if (value === 0) return 0
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 1)
  const rounded = sign === 1 ? Math.ceil(value / unit - 1e-9) : Math.floor(value / unit + 1e-9)
  return Number((rounded * unit).toPrecision(6))
}
