import { HOUR, MINUTE, type Millis } from '#shared/units'
import type { Finding } from '../rule'
import { burn, memory as kept } from './parameters'
import type { Graph, View } from './platform'
import type { Series } from './series'
import type { Sum } from './steps'

/** What an entry endpoint promises: the share of requests that do not fail. */
export type AvailabilityOf = (series: Series) => number

/** When a subject was last paged for by another rule; `at` itself while it still is. */
export type PagedUntil = (series: Series) => Date | undefined

/**
 * T1: error budgets that are spent too fast, in a long window that says it matters and a short one that says it still
 * goes on. Of several pairs the gravest counts. What T0 or T2 page for is not paged twice: the short window begins where
 * they ended, so that a burst they saw is over when they are. A long window that is not known in full is taken to have
 * gone well before.
 */
export function findBurnRates({ memory, at }: Pick<View, 'memory' | 'at'>, graph: Pick<Graph, 'isEntry'>, { availabilityOf, pagedUntil }: { availabilityOf: AvailabilityOf, pagedUntil: PagedUntil }): Finding[] {
  const history = memory.history(at)
  return [...memory.all].flatMap((series) => {
    if (!graph.isEntry(series)) return []
    const budget = 1 - availabilityOf(series)
    const paged = pagedUntil(series)
    const since = paged && Math.ceil(paged.getTime() / MINUTE) * MINUTE
    if (since !== undefined && at.getTime() - since < MINUTE) return []
    for (const { rate, long, short, severity } of burn.pairs) {
      const over = spent(series, at, long)
      const unknown = Math.max(1, long / history)
      Object.assign(over, { requests: over.requests * unknown, spans: over.spans * unknown })
      const lately = spent(series, at, Math.min(short, since === undefined ? short : at.getTime() - since))
      // What was seen must be enough, not what it stands for.
      const burns = (window: Sum, least: number) => window.failed * window.spans / window.requests >= least && window.failed / window.requests >= rate * budget
      if (!burns(over, burn.failures.long) || !burns(lately, burn.failures.short)) continue
      return {
        subject: series.subject, severity, onset: new Date(at.getTime() - short),
        reason: {
          code: 'alerting.burn' as const,
          params: { ratio: { ratio: over.failed / over.requests }, hours: long / HOUR, times: { times: over.failed / over.requests / budget }, budget: { ratio: budget }, failed: Math.round(over.failed) },
        },
      }
    }
    return []
  })
}

function spent({ minutes, tens }: Series, at: Date, length: Millis): Sum {
  const steps = length <= kept.minutes ? minutes : tens
  const to = steps.number(at.getTime() - 1) + 1
  return steps.sum(to - length / steps.width, to)
}
