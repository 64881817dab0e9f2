import type { Clock } from '#server/clock'
import { HOUR, MINUTE, type TimeWindow } from '#shared/units'
import type { PrometheusApi } from './api'
import { createKept } from '../kept'
import { selector, type Matcher } from './promql'

const most = 2_000

/** Values of a label among the series of a metric; those of the last hour, too, whatever the window. */
export type ValuesOf = (label: string, metric: string, matchers: readonly Matcher[], window: TimeWindow) => Promise<string[]>

/** Kept for a minute: routes come and go with releases. */
export function createValues({ api, only, clock }: { api: PrometheusApi, only: readonly Matcher[], clock: Clock }): ValuesOf {
  const kept = createKept<string[]>({ clock, good: MINUTE })

  return (label, metric, matchers, window) => {
    const now = clock.now()
    const from = Math.floor(Math.min(window.from.getTime(), now.getTime() - HOUR) / HOUR) * HOUR
    const match = selector(metric, [...only, ...matchers])
    return kept(`${label} ${match} ${from}`, () => api.labelValues(label, { match: [match], from: new Date(from), to: now, limit: most }))
  }
}
