import { defineApiHandler } from '#server/http/define-api-handler'
import { traceComparison, traceFilter } from '#shared/schemas/trace-search'

export default defineApiHandler({
  permission: 'traces:read',
  query: traceFilter,
  response: traceComparison,
  handle: ({ query, services, signal }) => services.monitoring.traces.compare(query, signal),
})
