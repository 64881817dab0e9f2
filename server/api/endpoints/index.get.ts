import { defineApiHandler } from '#server/http/define-api-handler'
import { listEndpoints, listedEndpoints } from '#shared/schemas/endpoint-list'

export default defineApiHandler({
  permission: 'endpoints:read',
  query: listEndpoints,
  response: listedEndpoints,
  handle: ({ actor, query, services, signal }) => services.registry.endpoints.list(actor, query, services.monitoring.stateOfEndpoint, signal),
})
