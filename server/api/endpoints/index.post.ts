import { defineApiHandler } from '#server/http/define-api-handler'
import { createEndpoint, endpoint } from '#shared/schemas/endpoint'

export default defineApiHandler({
  permission: 'endpoints:write',
  body: createEndpoint,
  response: endpoint,
  status: 201,
  handle: ({ actor, body, services }) => services.registry.endpoints.create(actor, body),
})
