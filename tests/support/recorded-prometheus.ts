import { onTestFinished } from 'vitest'
import { createSystemClock, type Clock } from '#server/clock'
import { createPrometheusMetricSource, type PrometheusOptions } from '#server/telemetry/prometheus/metric-source'
import { createUpstream } from '#server/telemetry/upstream/upstream'
import { startRecordedPrometheus, type RecordedPrometheus } from './recorded-backend'

export { matrix, vector, type RecordedPrometheus } from './recorded-backend'

/** A source over recorded answers. */
export async function createRecordedSource(recorded: RecordedPrometheus, options: Partial<PrometheusOptions> & { clock?: Clock } = {}) {
  const { url, asked, close } = await startRecordedPrometheus(recorded)
  onTestFinished(close)
  const clock = options.clock ?? createSystemClock()
  const upstream = createUpstream({ source: 'prometheus', url, clock, probe: '/api/v1/query?query=time()' })
  onTestFinished(() => upstream.close())
  return { source: createPrometheusMetricSource({ upstream, clock, consumerAttributes: ['api.client.id'], ...options }), asked }
}
