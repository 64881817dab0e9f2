import { unavailable, type Answer, type MetricSource, type SourceName, type SourceWarning } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'

/** The same source for pages: while it is away its parts are empty and say so, because a page never fails over a backend. */
export function createForgivingMetrics(metrics: MetricSource): MetricSource {
  async function answer<T>(ask: Promise<Answer<T[]>>): Promise<Answer<T[]>> {
    return orNothing(ask, error => ({ data: [], population: { kind: 'all' }, warnings: [unavailable(metrics.name, error)] }))
  }
  return {
    ...metrics,
    get capabilities() { return metrics.capabilities },
    requests: (...question) => answer(metrics.requests(...question)),
    operations: (...question) => answer(metrics.operations(...question)),
    durations: (...question) => answer(metrics.durations(...question)),
    errors: (...question) => answer(metrics.errors(...question)),
    seen: (...question) => orNothing(metrics.seen(...question), []),
    services: (...question) => orNothing(metrics.services(...question), []),
    exemplars: (...question) => orNothing(metrics.exemplars(...question), []),
  }
}

/** `nothing`: what stands in, which may tell of the error. */
export async function orNothing<T extends object | undefined>(ask: Promise<T>, nothing: T | ((error: AppError) => T)): Promise<T> {
  try {
    return await ask
  }
  catch (error) {
    if (error instanceof AppError && error.code === 'source.unavailable') return typeof nothing === 'function' ? nothing(error) : nothing
    throw error
  }
}

/** The part of an answer that one source gives, or why it is missing. */
export async function partOf<T>(source: SourceName, ask: Promise<T>): Promise<{ value?: T, warnings: SourceWarning[] }> {
  return orNothing<{ value?: T, warnings: SourceWarning[] }>(ask.then(value => ({ value, warnings: [] })), error => ({ warnings: [unavailable(source, error)] }))
}
