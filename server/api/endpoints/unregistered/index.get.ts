import { defineApiHandler } from '#server/http/define-api-handler'
import { listUnregistered, unregisteredRoutes } from '#shared/schemas/endpoint-list'

export default defineApiHandler({
  permission: 'endpoints:read',
  query: listUnregistered,
  response: unregisteredRoutes,
  handle: ({ actor, query, services, signal }) =>
    services.registry.unregistered.list(actor, query, signal),
})
