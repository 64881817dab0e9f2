import type { Clock } from '#server/clock'
import type { Answer, DurationClass, DurationsQuery, MetricSource } from '#server/telemetry/ports'
import type { SpanAnswer } from '#shared/schemas/trace'
import { toAnsweredWindow } from '#shared/schemas/time-range'
import { DAY, MINUTE, type Micros } from '#shared/units'
import { createForgivingMetrics } from './forgiving-metrics'
import { createLastValues } from './last-values'
import { mergeClasses, placeAmong, quantileOf } from './duration-rules'

/** As many as can be told apart in the width of the panel. */
const MOST_CLASSES = 40
/** As for what is usual: of fewer nothing is said. */
const FEWEST_CALLS = 20

/** How long other calls of an operation took: all of the 24 hours before, incidents included. */
export function createDurations({ clock, metrics }: { clock: Clock, metrics: MetricSource }) {
  const shown = createForgivingMetrics(metrics)
  const values = createLastValues<Answer<DurationClass[]>>({ clock, fresh: 2 * MINUTE, usable: 15 * MINUTE, most: 500 })

  /** Undefined while the source is away. */
  return async function among(where: DurationsQuery['where'], duration: Micros, before: Date): Promise<SpanAnswer['among']> {
    // To the minute: everybody who looks at the spans of one trace shares an answer.
    const to = new Date(Math.floor(before.getTime() / MINUTE) * MINUTE)
    const window = { from: new Date(to.getTime() - DAY), to }
    const { value: { data, population, warnings } } = await values.get(JSON.stringify([where, to]), () => shown.durations({ window, where }))
    if (warnings.length > 0 && data.length === 0) return undefined
    const { calls, ...shares } = placeAmong(data, duration)
    const answer = { window: toAnsweredWindow(window), population, calls: Math.round(calls) }
    if (calls < FEWEST_CALLS) return answer
    return { ...answer, spread: { ...shares, p50: quantileOf(data, 0.5), p95: quantileOf(data, 0.95), p99: quantileOf(data, 0.99), classes: mergeClasses(data, MOST_CLASSES) } }
  }
}
