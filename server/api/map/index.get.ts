import { defineApiHandler } from '#server/http/define-api-handler'
import { mapQuery, serviceMap } from '#shared/schemas/service-map'

export default defineApiHandler({
  permission: 'map:read',
  query: mapQuery,
  response: serviceMap,
  handle: ({ query, services }) => services.monitoring.map.read(query),
})
