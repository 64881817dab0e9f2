import type { Answer, MetricSource } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'

/** The same source for pages: while it is away its parts are empty and say so, because a page never fails over a backend. */
export function createForgivingMetrics(metrics: MetricSource): MetricSource {
  async function answer<T>(ask: Promise<Answer<T[]>>): Promise<Answer<T[]>> {
    return orNothing(ask, { data: [], population: { kind: 'all' }, warnings: [{ source: metrics.name, code: 'unavailable' }] })
  }
  return {
    ...metrics,
    requests: (...question) => answer(metrics.requests(...question)),
    operations: (...question) => answer(metrics.operations(...question)),
    durations: (...question) => answer(metrics.durations(...question)),
    errors: (...question) => answer(metrics.errors(...question)),
    seen: (...question) => orNothing(metrics.seen(...question), []),
    services: (...question) => orNothing(metrics.services(...question), []),
    exemplars: (...question) => orNothing(metrics.exemplars(...question), []),
  }
}

export async function orNothing<T>(ask: Promise<T>, nothing: T): Promise<T> {
  try {
    return await ask
  }
  catch (error) {
    if (error instanceof AppError && error.code === 'source.unavailable') return nothing
    throw error
  }
}
