import { defineApiHandler } from '#server/http/define-api-handler'
import { labelParams, metricLabels, ofMetric } from '#shared/schemas/metrics'

export default defineApiHandler({
  permission: 'metrics:query',
  params: labelParams,
  query: ofMetric,
  response: metricLabels,
  handle: ({ params, query, services }) => services.monitoring.explorer.labels({ ...query, ...params }),
})
