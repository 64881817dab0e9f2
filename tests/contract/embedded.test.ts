import { toLogRequest, toTraceRequest } from '../support/otlp/from-spans'
import { createTelemetryStore } from '../support/telemetry-store'
import { describeLogSource } from './log-source'
import { describeMetricSource } from './metric-source'
import { describeTraceSource } from './trace-source'

describeTraceSource('embedded', async (spans) => {
  const store = createTelemetryStore()
  store.send('traces', toTraceRequest(spans))
  return store.traces
})

describeMetricSource('embedded', async (spans) => {
  const store = createTelemetryStore()
  store.send('traces', toTraceRequest(spans))
  return store.metrics
})

describeLogSource('embedded', async (lines) => {
  const store = createTelemetryStore()
  store.send('logs', toLogRequest(lines))
  return store.logs
})
