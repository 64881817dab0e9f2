import { defineApiHandler } from '#server/http/define-api-handler'
import { consumerDetail, consumerParams, consumerQuery } from '#shared/schemas/consumer'

export default defineApiHandler({
  permission: 'consumers:read',
  params: consumerParams,
  query: consumerQuery,
  response: consumerDetail,
  handle: ({ params, query, services, signal }) => services.registry.consumers.detail(params.id, query, signal),
})
