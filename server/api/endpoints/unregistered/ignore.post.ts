import { defineApiHandler } from '#server/http/define-api-handler'
import { ignoreRoute } from '#shared/schemas/endpoint-list'

export default defineApiHandler({
  permission: 'endpoints:write',
  body: ignoreRoute,
  status: 204,
  handle: ({ actor, body, services }) => services.registry.unregistered.ignore(actor, body),
})
