import type { Completion } from '#server/telemetry/telemetry'
import { MINUTE } from '#shared/units'

/** Requests to one route that ended within some seconds. */
export interface Tally {
  spans: number
  requests: number
  failed: number
  /** Whole microseconds; undefined where nothing ended. */
  p95: number | undefined
}

interface Second {
  second: number
  counts: Completion[]
}

interface Route {
  service: string
  method: string
  routeKey: string
  seconds: Second[]
}

/** Seconds kept: the longest window and what a round may come late. */
const kept = 2 * MINUTE / 1000

/**
 * What ended in each of the last two minutes' seconds, by route, as it arrived: known without asking anybody, and a few
 * hundred milliseconds after the fact.
 */
export function createSecondCounts() {
  const routes = new Map<string, Route>()
  let since: number | undefined

  return {
    add(completions: readonly Completion[]) {
      for (const completion of completions) {
        const { service, method, routeKey, second } = completion
        since = Math.min(since ?? second, second)
        const id = `${service} ${method} ${routeKey}`
        let route = routes.get(id)
        if (!route) routes.set(id, route = { service, method, routeKey, seconds: [] })
        const last = route.seconds.at(-1)
        if (last?.second === second) last.counts.push(completion)
        else route.seconds.push({ second, counts: [completion] })
      }
    },

    /** Whether counting began early enough to know all of the minute before `at`. */
    covers: (at: Date) => since !== undefined && since * 1000 <= at.getTime() - MINUTE,

    routes: (): Iterable<Pick<Route, 'service' | 'method' | 'routeKey'>> => routes.values(),

    /** What ended in the `length` seconds before `at`. */
    tally({ service, method, routeKey }: { service: string, method: string, routeKey: string }, at: Date, length: number): Tally {
      const to = Math.floor(at.getTime() / 1000)
      const within = routes.get(`${service} ${method} ${routeKey}`)?.seconds.filter(({ second }) => second < to && second >= to - length) ?? []
      return sum(within.flatMap(({ counts }) => counts))
    },

    forget(at: Date) {
      const first = at.getTime() / 1000 - kept
      for (const [id, route] of routes) {
        // A clock that went back leaves seconds that lie ahead.
        route.seconds = route.seconds.filter(({ second }) => second >= first && second <= first + 2 * kept)
        if (!route.seconds.length) routes.delete(id)
      }
    },
  }
}

export type SecondCounts = ReturnType<typeof createSecondCounts>

function sum(counts: readonly Completion[]): Tally {
  const tally = { spans: 0, requests: 0, failed: 0 }
  const durations = new Map<number, number>()
  for (const count of counts) {
    tally.spans += count.spans
    tally.requests += count.requests
    tally.failed += count.failed
    for (const [duration, requests] of count.durations) durations.set(duration, (durations.get(duration) ?? 0) + requests)
  }
  return { ...tally, p95: quantile(durations, 0.95) }
}

function quantile(durations: Map<number, number>, q: number): number | undefined {
  const sorted = [...durations].sort(([a], [b]) => a - b)
  const enough = q * sorted.reduce((total, [, requests]) => total + requests, 0)
  let passed = 0
  return sorted.find(([, requests]) => (passed += requests) >= enough)?.[0]
}
