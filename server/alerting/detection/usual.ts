import { MINUTE, type Millis } from '#shared/units'
import { baselineOf, type Baseline } from './baseline'
import { baseline as parameters, STEP } from './parameters'
import type { Series } from './series'
import { median, overdispersionOf } from './statistics'

/** What was usual for a series in the minutes before. */
export interface Usual {
  /** When it was made, in steps. */
  tick: number
  /** Undefined where too little is known. */
  baseline: Baseline | undefined
  /** In all these minutes. */
  requests: number
  /** Median of the newest quarter of an hour. */
  requestsAMinute: number
  /** Of calls: how they go with the requests of their service. */
  calls: UsualCalls | undefined
}

export interface UsualCalls {
  calls: number
  parents: number
  length: Millis
  clientErrors: number
  overdispersion: number
}

const recent = 15

/**
 * Made every minute at first and every five minutes later, each series at a tick of its own, so that no tick makes all
 * of them. Where trouble left nothing that is usual, what was it before stays so.
 */
export function usualOf(series: Series, { tick, minutes, siblings, history }: { tick: number, minutes: readonly number[], siblings: readonly Series[], history: Millis }): Usual {
  const held = series.usual
  if (held && !isDue(held, series.index, tick, history)) return held
  const requests = minutes.map(minute => series.minutes.requests(minute))
  return series.usual = {
    tick,
    baseline: baselineOf(series, tick * STEP, minutes) ?? held?.baseline,
    requests: requests.reduce((sum, each) => sum + each, 0),
    requestsAMinute: median(requests.slice(0, recent)) ?? 0,
    calls: series.kind === 'call' ? usualCallsOf(series, tick * STEP, siblings, minutes, held?.calls) : undefined,
  }
}

function isDue({ tick: made, baseline }: Usual, index: number, tick: number, history: Millis): boolean {
  // The first minutes are waited for.
  const every = history < 2 * parameters.least.length ? 1 : baseline && baseline.length >= parameters.young ? 30 : 6
  return tick !== made && (tick % every === index % every || Math.abs(tick - made) > every)
}

function usualCallsOf(series: Series, at: number, siblings: readonly Series[], minutes: readonly number[], before: UsualCalls | undefined): UsualCalls {
  const routes = siblings.filter(({ kind }) => kind === 'route')
  const each: { seen: number, parents: number }[] = []
  const total = { calls: 0, parents: 0, clientErrors: 0 }
  let length = 0
  for (const minute of minutes) {
    let parents = 0
    for (const route of routes) parents += route.minutes.requests(minute)
    if (!parents) continue
    const { requests, clientErrors } = series.minutes.sum(minute, minute + 1)
    each.push({ seen: requests, parents })
    length = Math.min(parameters.reach, at - minute * MINUTE)
    total.calls += requests
    total.parents += parents
    total.clientErrors += clientErrors
  }
  if (before && each.length < parameters.least.minutes) return before
  const rate = total.calls / total.parents
  return { ...total, length, overdispersion: overdispersionOf(each.map(({ seen, parents }) => ({ seen, expected: parents * rate }))) }
}
