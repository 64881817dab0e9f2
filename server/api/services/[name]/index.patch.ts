import { defineApiHandler } from '#server/http/define-api-handler'
import { service, serviceParams, updateService } from '#shared/schemas/service'

export default defineApiHandler({
  permission: 'endpoints:write',
  params: serviceParams,
  body: updateService,
  response: service,
  handle: ({ actor, params, body, services }) => services.registry.services.update(actor, params.name, body),
})
