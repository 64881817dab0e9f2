import { defineApiHandler } from '#server/http/define-api-handler'
import { endpointConsumers, endpointConsumersQuery } from '#shared/schemas/consumer'
import { endpointParams } from '#shared/schemas/endpoint'

export default defineApiHandler({
  permission: 'consumers:read',
  params: endpointParams,
  query: endpointConsumersQuery,
  response: endpointConsumers,
  handle: ({ params, query, services, signal }) => services.registry.consumers.ofEndpoint(params.id, query, signal),
})
