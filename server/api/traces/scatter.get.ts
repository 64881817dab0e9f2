import { defineApiHandler } from '#server/http/define-api-handler'
import { traceFilter, traceScatter } from '#shared/schemas/trace-search'

export default defineApiHandler({
  permission: 'traces:read',
  query: traceFilter,
  response: traceScatter,
  handle: ({ query, services, signal }) => services.monitoring.traces.scatter(query, signal),
})
