import type { Clock } from '#server/clock'
import { isInRounds } from '#server/rounds'
import { SECOND } from '#shared/units'
import { createKept } from '../kept'
import { reasonOf } from '../upstream/upstream'
import type { PrometheusApi, Queried } from './api'

/** A question about the present moment stays the same for so long, ms. */
const aboutNow = 2 * SECOND
/** An answer stands for a new one for so long, ms. */
const usable = 4 * SECOND
/** And for so long while not everything is answered, ms: who lacks a part asks for that part, not for all of it again. */
const usableInNeed = 10 * SECOND
/** How long after a failure that is, ms. */
const need = 10 * SECOND

/**
 * The same API, for figures that people look at: pages that open at about the same time ask much the same of it, each
 * at a moment of its own. One who leaves does not end a question, since the next one finds it answered. Rounds of our own
 * ask for themselves. Answers are shared: read, never changed.
 */
export function createRecentAnswers({ api, clock }: { api: PrometheusApi, clock: Clock }): PrometheusApi {
  let failedAt = -Infinity
  const kept = createKept<Queried>({ clock, good: () => (clock.monotonic() - failedAt < need ? usableInNeed : usable), most: 100 })

  function recent(key: string, ask: () => Promise<Queried>): Promise<Queried> {
    return kept(key, () => ask().catch((error: unknown) => {
      if (reasonOf(error) !== undefined) failedAt = clock.monotonic()
      throw error
    }))
  }

  return {
    ...api,
    instant(query, at, options = {}) {
      if (isInRounds()) return api.instant(query, at, options)
      const { signal: _, ...rest } = options
      const moment = Math.abs(clock.now().getTime() - at.getTime()) < aboutNow ? 'now' : at.getTime()
      return recent(JSON.stringify([query, moment, rest]), () => api.instant(query, at, rest))
    },
    range(query, grid, options = {}) {
      if (isInRounds()) return api.range(query, grid, options)
      const { signal: _, ...rest } = options
      return recent(JSON.stringify([query, grid, rest]), () => api.range(query, grid, rest))
    },
  }
}
