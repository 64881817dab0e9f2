import { AppError } from '#shared/errors'
import type { MetricSource } from './ports'

/** Stands where no source of figures runs: every question is answered with what is the matter. */
export function createAbsentMetrics(): MetricSource {
  const unavailable = async () => {
    throw new AppError('source.unavailable', { source: 'embedded' })
  }
  return {
    name: 'embedded',
    capabilities: { promql: false, exemplars: false, byConsumer: true, points: false },
    requests: unavailable,
    operations: unavailable,
    seen: unavailable,
    services: unavailable,
    errors: unavailable,
    exemplars: unavailable,
    metricNames: unavailable,
    points: unavailable,
    check: async () => ({ state: 'failed', latency: 0, code: 'unavailable' }),
  }
}
