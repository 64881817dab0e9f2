import { defineApiHandler } from '#server/http/define-api-handler'
import { endpointParams, savedEndpoint, updateEndpoint } from '#shared/schemas/endpoint'

export default defineApiHandler({
  permission: 'endpoints:write',
  params: endpointParams,
  body: updateEndpoint,
  response: savedEndpoint,
  handle: ({ actor, params, body, services }) => services.registry.endpoints.update(actor, params.id, body),
})
