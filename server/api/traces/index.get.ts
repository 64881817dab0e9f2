import { defineApiHandler } from '#server/http/define-api-handler'
import { searchTraces, tracePage } from '#shared/schemas/trace-search'

export default defineApiHandler({
  permission: 'traces:read',
  query: searchTraces,
  response: tracePage,
  handle: ({ query, services, signal }) => services.monitoring.traces.search(query, signal),
})
