import type { Micros, Millis, TimeWindow } from '#shared/units'
import { MINUTE } from '#shared/units'
import { baseline as parameters } from './parameters'
import type { Series } from './series'
import { median, overdispersionOf, spreadAround } from './statistics'
import type { Sum } from './steps'

/** What is usual for one series. Times as natural logarithms of microseconds, by minute. */
export interface Baseline {
  /** Since when it is known, as far as it counts: at most what is looked back at. */
  length: Millis
  /** Minutes that it is of. */
  minutes: number
  spans: number
  requests: number
  failed: number
  clientErrors: number
  mean: Level
  typical: Level
  /** Median of the spans a minute has. */
  spansAMinute: number
  /** Of the failures' count. */
  overdispersion: number
}

interface Level { middle: number, spread: number }

/** Minutes that count as usual at `at`: an hour of them, the newest first, without the very newest and without trouble. */
export function usualMinutes(at: Date, history: Millis, trouble: readonly TimeWindow[]): number[] {
  const newest = Math.floor((at.getTime() - (history < parameters.young ? parameters.youngGuard : parameters.guard)) / MINUTE)
  const oldest = Math.floor((at.getTime() - 2 * parameters.reach) / MINUTE) + 1
  const windows = trouble.map(({ from, to }) => ({ from: from.getTime() - MINUTE, to: Math.min(to.getTime(), from.getTime() + parameters.longestTrouble) }))
  const minutes: number[] = []
  for (let minute = newest - 1; minute >= oldest && minutes.length < parameters.reach / MINUTE; minute--) {
    const start = minute * MINUTE
    if (!windows.some(({ from, to }) => start < to && start + MINUTE > from)) minutes.push(minute)
  }
  return minutes
}

/** Undefined where too little is known. */
export function baselineOf({ minutes: held }: Series, at: number, minutes: readonly number[]): Baseline | undefined {
  const sums: Sum[] = []
  const total = { spans: 0, requests: 0, failed: 0, clientErrors: 0 }
  let length = 0
  for (const minute of minutes) {
    if (!held.has(minute)) continue
    const sum = held.sum(minute, minute + 1)
    sums.push(sum)
    length = Math.min(parameters.reach, at - minute * MINUTE)
    total.spans += sum.spans
    total.requests += sum.requests
    total.failed += sum.failed
    total.clientErrors += sum.clientErrors
  }
  if (length < parameters.least.length || sums.length < parameters.least.minutes || total.spans < parameters.least.calls) return undefined
  const share = total.failed / total.requests
  return {
    length, minutes: sums.length, ...total,
    mean: levelOf(sums.map(({ duration, requests }) => duration / requests)),
    typical: levelOf(sums.map(({ p50 }) => p50)),
    spansAMinute: median(sums.map(({ spans }) => spans))!,
    overdispersion: overdispersionOf(sums.map(({ failed, requests }) => ({ seen: failed, expected: share * requests }))),
  }
}

function levelOf(values: Micros[]): Level {
  const logarithms = values.map(value => Math.log(Math.max(1, value)))
  const middle = median(logarithms)!
  return { middle, spread: spreadAround(middle, logarithms) }
}
