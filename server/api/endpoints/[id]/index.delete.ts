import { defineApiHandler } from '#server/http/define-api-handler'
import { endpointParams } from '#shared/schemas/endpoint'

export default defineApiHandler({
  permission: 'endpoints:write',
  params: endpointParams,
  status: 204,
  handle: ({ actor, params, services, signal }) => services.registry.endpoints.remove(actor, params.id, signal),
})
