import { defineApiHandler } from '#server/http/define-api-handler'
import { metricNames } from '#shared/schemas/metrics'

export default defineApiHandler({
  permission: 'metrics:query',
  response: metricNames,
  handle: ({ services }) => services.monitoring.explorer.names(),
})
