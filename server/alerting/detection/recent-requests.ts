import type { MetricSource } from '#server/telemetry/ports'
import { MINUTE, type Millis } from '#shared/units'
import { outage } from './parameters'
import type { Tally } from './second-counts'
import { Steps } from './steps'

/** The longest window, the look before, and as long as a source may be behind. */
const reach: Millis = 3 * MINUTE

/**
 * Requests of the last minutes by route, in steps as long as a slot of T0, of a source that does not receive here: asked
 * anew in each slot, because ten seconds more would be half of all the time an outage takes to be seen.
 */
export function createRecentRequests({ metrics }: { metrics: Pick<MetricSource, 'requests'> }) {
  const routes = new Map<string, Steps>()
  let newest = 0

  const idOf = ({ service, method, routeKey }: { service?: string, method?: string, routeKey?: string }) => `${service} ${method} ${routeKey}`

  return {
    async read(at: Date): Promise<void> {
      const { data } = await metrics.requests({ window: { from: new Date(at.getTime() - 2 * MINUTE), to: at }, step: outage.every, groupBy: ['service', 'method', 'routeKey'] })
      routes.clear()
      newest = 0
      for (const row of data) {
        const steps = routes.get(idOf(row)) ?? new Steps(outage.every, reach)
        routes.set(idOf(row), steps)
        steps.set(steps.number(row.at!.getTime()), row)
        newest = Math.max(newest, row.at!.getTime() + outage.every)
      }
    },

    /** How far it has counted; more than a minute ago is another trouble than an outage. */
    until: (at: Date): Date => new Date(Math.max(at.getTime() - MINUTE, Math.min(at.getTime(), newest))),

    /** What ended in the `length` seconds before `at`. */
    tally(route: { service: string, method: string, routeKey: string }, at: Date, length: number): Tally {
      const steps = routes.get(idOf(route))
      const to = steps?.number(at.getTime())
      const sum = steps?.sum(to! - Math.ceil(length * 1000 / outage.every), to!)
      return { spans: sum?.spans ?? 0, requests: sum?.requests ?? 0, failed: sum?.failed ?? 0, p95: sum?.p95 }
    },
  }
}
