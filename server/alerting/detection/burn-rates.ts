import { HOUR, MINUTE, type Millis } from '#shared/units'
import type { Finding } from '../rule'
import { burn, memory as kept } from './parameters'
import type { Graph, View } from './platform'
import type { Series } from './series'
import type { Sum } from './steps'

export interface BurnRateFacts {
  /** What an entry endpoint promises: the share of requests that do not fail. Undefined where nobody promised anything. */
  objectiveOf: (series: Series) => number | undefined
  /** When a subject was last paged for by another rule; `at` itself while it still is. */
  pagedUntil: (series: Series) => Date | undefined
  isFiring: (series: Series) => boolean
  /** Whether this rule has said of it what there is to say, some time ago. */
  wasSaid: (series: Series) => boolean
}

/**
 * T1: error budgets that are spent too fast, in a long window that says it matters and a short one that says it still
 * goes on. Of several pairs the gravest counts. What T0 or T2 page for is not paged twice: both windows begin where they
 * ended, so that what they saw is over when they are, and two failures by chance do not bring it back. A long window that
 * is not known in full is taken to have gone well before. Of an endpoint that promised nothing, what it fails every day
 * is said once.
 */
export function findBurnRates({ memory, at }: Pick<View, 'memory' | 'at'>, graph: Pick<Graph, 'isEntry'>, facts: BurnRateFacts): Finding[] {
  const history = memory.history(at)
  return [...memory.all].flatMap((series) => {
    if (!graph.isEntry(series)) return []
    const objective = facts.objectiveOf(series)
    const budget = 1 - (objective ?? burn.availability)
    const paged = facts.pagedUntil(series)
    const known = paged ? Math.min(history, at.getTime() - Math.ceil(paged.getTime() / MINUTE) * MINUTE) : history
    if (known < MINUTE) return []
    const usual = objective === undefined && facts.wasSaid(series) ? usualShare(series, at) : 0
    const keep = facts.isFiring(series) ? burn.keep : 1
    for (const { rate, long, short, severity } of burn.pairs) {
      const over = spent(series, at, Math.min(long, known))
      const unknown = Math.max(1, long / known)
      Object.assign(over, { requests: over.requests * unknown, spans: over.spans * unknown })
      const lately = spent(series, at, Math.min(short, known))
      if (!burns(over, burn.failures.long, rate * budget) || !burns(lately, burn.failures.short * keep, rate * budget * keep)) continue
      if (usual >= burn.chronic.share * over.failed / over.requests) continue
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

/** What was seen must be enough, not what it stands for. */
function burns({ spans, requests, failed }: Sum, least: number, share: number): boolean {
  return failed * spans / requests >= least && failed / requests >= share
}

/** Of the day before the newest hours, which may be of what is to be told. */
function usualShare({ tens }: Series, at: Date): number {
  const { reach, guard } = burn.chronic
  const to = tens.number(at.getTime() - guard)
  const { requests, failed } = tens.sum(to - reach / tens.width, to)
  return requests ? failed / requests : 0
}

function spent({ minutes, tens }: Series, at: Date, length: Millis): Sum {
  const steps = length <= kept.minutes ? minutes : tens
  const to = steps.number(at.getTime() - 1) + 1
  return steps.sum(Math.ceil(to - length / steps.width), to)
}
