import { defineApiHandler } from '#server/http/define-api-handler'
import { metricsAnswer, runQuery } from '#shared/schemas/metrics'

export default defineApiHandler({
  permission: 'metrics:query',
  query: runQuery,
  patience: 30_000,
  response: metricsAnswer,
  handle: ({ query, services, signal }) => services.monitoring.explorer.run(query, signal),
})
