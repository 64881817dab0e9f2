import type { Clock } from '#server/clock'
import type { MetricSource } from '#server/telemetry/ports'
import { MINUTE, type Millis } from '#shared/units'
import { routeIdOf } from './register'
import { longWindow } from './state-rules'

/** A service that sent anything within this time is running, requests or not. */
const running: Millis = longWindow

/** When something was last called: noted while it is, looked up where it fell silent. */
export function createLastRequests({ clock, metrics }: { clock: Clock, metrics: MetricSource }) {
  const noted = new Map<string, Date>()
  let byService = new Map<string, Date>()
  let byRoute = new Map<string, Date>()
  let sending = new Set<string>()
  let lookedAt = Number.NEGATIVE_INFINITY
  let silent = ''

  return {
    note: (key: string, at: Date) => void noted.set(key, at),

    /** Once a minute while somebody is silent, and at once when somebody falls silent. */
    async refresh(silentKeys: string[]) {
      const now = clock.now()
      const who = silentKeys.join()
      if (!silentKeys.length || (who === silent && now.getTime() - lookedAt < MINUTE)) return
      silent = who
      lookedAt = now.getTime()
      const [routes, services] = await Promise.all([metrics.seen(), metrics.services()])
      byRoute = new Map(routes.map(route => [routeIdOf(route), route.lastSeen]))
      byService = new Map()
      for (const { service, lastSeen } of routes) {
        if (lastSeen > (byService.get(service) ?? new Date(0))) byService.set(service, lastSeen)
      }
      sending = new Set(services.filter(({ lastSeen }) => now.getTime() - lastSeen.getTime() < running).map(({ service }) => service.toLowerCase()))
    },

    ofService: (name: string, key: string) => ({ lastRequest: byService.get(name) ?? noted.get(key), sending: sending.has(name) }),
    ofRoute: (id: string, key: string) => ({ lastRequest: byRoute.get(id) ?? noted.get(key), sending: false }),
  }
}
