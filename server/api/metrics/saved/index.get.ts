import { defineApiHandler } from '#server/http/define-api-handler'
import { savedQueryList } from '#shared/schemas/metrics'

export default defineApiHandler({
  permission: 'metrics:query',
  response: savedQueryList,
  handle: ({ actor, services }) => ({ queries: services.savedQueries.list(actor) }),
})
