import type { Clock } from '#server/clock'
import type { MetricSource } from '#server/telemetry/ports'
import { DAY, MINUTE, type Micros } from '#shared/units'

export interface RouteRef { service: string, method: string, routeKey: string }
export type UsualDurations = (route: RouteRef) => Micros | undefined

const leastCalls = 20
const leastTime = 5 * MINUTE

/**
 * The median of every endpoint over the 24 h before a moment, where that rests on at least 5 minutes and 20 calls. One
 * grouped question answers for all endpoints and is kept for a minute, however many look.
 */
export function createUsualDurations({ metrics, clock }: { metrics: MetricSource, clock: Clock }) {
  let kept: { minute: number, asked: number, answer: Promise<UsualDurations> } | undefined

  return function usualBefore(moment: Date): Promise<UsualDurations> {
    const minute = Math.floor(moment.getTime() / MINUTE)
    if (!kept || kept.minute !== minute || clock.monotonic() - kept.asked > MINUTE) {
      const asked = { minute, asked: clock.monotonic(), answer: read(new Date(minute * MINUTE)) }
      kept = asked
      // A failure is not kept: the next page asks again.
      asked.answer.catch(() => (kept = kept === asked ? undefined : kept))
    }
    return kept.answer
  }

  async function read(to: Date): Promise<UsualDurations> {
    const window = { from: new Date(to.getTime() - DAY), to }
    const [{ data }, seen] = await Promise.all([metrics.requests({ window, groupBy: ['service', 'method', 'routeKey'] }), metrics.seen()])
    const firstSeen = new Map(seen.map(route => [keyOf(route), route.firstSeen.getTime()]))
    const usual = new Map<string, Micros>()
    for (const row of data) {
      const key = keyOf({ service: row.service!, method: row.method!, routeKey: row.routeKey! })
      const since = firstSeen.get(key)
      if (row.p50 !== undefined && row.spans >= leastCalls && since !== undefined && to.getTime() - since >= leastTime) usual.set(key, row.p50)
    }
    return route => usual.get(keyOf(route))
  }
}

function keyOf({ service, method, routeKey }: RouteRef): string {
  return `${service} ${method} ${routeKey}`
}
