import { defineApiHandler } from '#server/http/define-api-handler'
import { deprecateEndpoint, endpoint, endpointParams } from '#shared/schemas/endpoint'

export default defineApiHandler({
  permission: 'endpoints:write',
  params: endpointParams,
  body: deprecateEndpoint,
  response: endpoint,
  handle: ({ actor, params, body, services }) => services.registry.endpoints.deprecate(actor, params.id, body),
})
