import { defineApiHandler } from '#server/http/define-api-handler'
import { endpointDetail, endpointParams } from '#shared/schemas/endpoint'

export default defineApiHandler({
  permission: 'endpoints:read',
  params: endpointParams,
  response: endpointDetail,
  handle: ({ params, services, signal }) => services.registry.endpoints.detail(params.id, services.monitoring.stateOfEndpoint, signal),
})
