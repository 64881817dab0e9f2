import { defineApiHandler } from '#server/http/define-api-handler'
import { mapEdgeDetail, mapEdgeQuery } from '#shared/schemas/service-map'

export default defineApiHandler({
  permission: 'map:read',
  query: mapEdgeQuery,
  response: mapEdgeDetail,
  handle: ({ query, actor, services }) => services.monitoring.map.edge(query, { withTraces: actor.permissions.has('traces:read') }),
})
