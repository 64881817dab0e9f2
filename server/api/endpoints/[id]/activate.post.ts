import { defineApiHandler } from '#server/http/define-api-handler'
import { endpoint, endpointParams, stepEndpoint } from '#shared/schemas/endpoint'

export default defineApiHandler({
  permission: 'endpoints:write',
  params: endpointParams,
  body: stepEndpoint,
  response: endpoint,
  handle: ({ actor, params, body, services }) => services.registry.endpoints.activate(actor, params.id, body),
})
