import { defineApiHandler } from '#server/http/define-api-handler'
import { traceFilter, traceValues } from '#shared/schemas/trace-search'

export default defineApiHandler({
  permission: 'traces:read',
  query: traceFilter,
  response: traceValues,
  handle: ({ query, services, signal }) => services.monitoring.traces.values(query, signal),
})
