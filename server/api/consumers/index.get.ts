import { defineApiHandler } from '#server/http/define-api-handler'
import { consumerQuery, listedConsumers } from '#shared/schemas/consumer'

export default defineApiHandler({
  permission: 'consumers:read',
  query: consumerQuery,
  response: listedConsumers,
  handle: ({ query, services, signal }) => services.registry.consumers.list(query, signal),
})
