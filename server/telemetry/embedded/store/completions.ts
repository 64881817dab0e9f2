import { classOf, durationOf } from '../rollup/sketch'
import type { Completion } from '../../telemetry'
import type { Route } from './dictionary'

/** A request that ended longer before it arrived than this says nothing about now, seconds. */
const oldest = 120

interface Sum {
  spans: number
  requests: number
  failed: number
  durations: Map<number, number>
}

/** Requests that ended since it was last asked, by route and by the second in which they arrived. */
export class Completions {
  private sums = new Map<Route, Map<number, Sum>>()

  /** `ended` in seconds, `now` in ms. */
  add(route: Route, { second: ended, weight, failed, duration }: { second: number, weight: number, failed: boolean, duration: number }, now: number): void {
    const second = Math.floor(now / 1000)
    if (second - ended > oldest) return
    let seconds = this.sums.get(route)
    if (!seconds) this.sums.set(route, seconds = new Map())
    let sum = seconds.get(second)
    if (!sum) seconds.set(second, sum = { spans: 0, requests: 0, failed: 0, durations: new Map() })
    sum.spans++
    sum.requests += weight
    if (failed) sum.failed += weight
    const index = classOf(duration)
    sum.durations.set(index, (sum.durations.get(index) ?? 0) + weight)
  }

  take(): Completion[] {
    const taken = [...this.sums].flatMap(([{ service, method, routeKey }, seconds]) => [...seconds].map(([second, { spans, requests, failed, durations }]) => ({
      service: service.name, method, routeKey, second, spans, requests, failed,
      durations: [...durations].map(([index, weight]): [number, number] => [Math.round(durationOf(index)), weight]),
    })))
    this.sums.clear()
    return taken
  }
}
