import { defineApiHandler } from '#server/http/define-api-handler'
import { formatQuery, formattedQuery } from '#shared/schemas/metrics'

export default defineApiHandler({
  permission: 'metrics:query',
  query: formatQuery,
  response: formattedQuery,
  handle: ({ query, services, signal }) => services.monitoring.explorer.format(query.query, signal),
})
