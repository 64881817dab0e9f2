import { defineApiHandler } from '#server/http/define-api-handler'
import { logPage, searchLogs } from '#shared/schemas/log-search'

export default defineApiHandler({
  permission: 'logs:read',
  query: searchLogs,
  response: logPage,
  handle: ({ query, services, signal }) => services.monitoring.logs.search(query, signal),
})
