import { defineApiHandler } from '#server/http/define-api-handler'
import { logFilter, logHistogram } from '#shared/schemas/log-search'

export default defineApiHandler({
  permission: 'logs:read',
  query: logFilter,
  response: logHistogram,
  handle: ({ query, services, signal }) => services.monitoring.logs.histogram(query, signal),
})
