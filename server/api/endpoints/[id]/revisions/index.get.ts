import { defineApiHandler } from '#server/http/define-api-handler'
import { endpointParams, revisions } from '#shared/schemas/endpoint'

export default defineApiHandler({
  permission: 'endpoints:read',
  params: endpointParams,
  response: revisions,
  handle: ({ params, services }) => ({ revisions: services.registry.revisions.list(params.id) }),
})
