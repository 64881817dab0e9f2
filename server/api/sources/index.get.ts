import { defineApiHandler } from '#server/http/define-api-handler'
import { sourcesAnswer, sourcesQuery } from '#shared/schemas/sources'

export default defineApiHandler({
  permission: 'settings:manage',
  query: sourcesQuery,
  response: sourcesAnswer,
  handle: ({ query, services }) => services.monitoring.sources(query),
})
