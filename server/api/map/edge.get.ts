import { defineApiHandler } from '#server/http/define-api-handler'
import { mapEdgeDetail, mapEdgeQuery } from '#shared/schemas/service-map'

export default defineApiHandler({
  permission: 'map:read',
  query: mapEdgeQuery,
  response: mapEdgeDetail,
  handle: ({ query, services }) => services.monitoring.map.edge(query),
})
