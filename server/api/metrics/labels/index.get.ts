import { defineApiHandler } from '#server/http/define-api-handler'
import { metricLabels, ofMetric } from '#shared/schemas/metrics'

export default defineApiHandler({
  permission: 'metrics:query',
  query: ofMetric,
  response: metricLabels,
  handle: ({ query, services }) => services.monitoring.explorer.labels(query),
})
