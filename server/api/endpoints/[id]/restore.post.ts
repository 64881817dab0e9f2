import { defineApiHandler } from '#server/http/define-api-handler'
import { endpoint, endpointParams } from '#shared/schemas/endpoint'

export default defineApiHandler({
  permission: 'endpoints:write',
  params: endpointParams,
  response: endpoint,
  handle: ({ actor, params, services }) => services.registry.endpoints.restore(actor, params.id),
})
