import { defineApiHandler } from '#server/http/define-api-handler'
import { savedQuery, saveQuery } from '#shared/schemas/metrics'

export default defineApiHandler({
  permission: 'metrics:query',
  body: saveQuery,
  response: savedQuery,
  status: 201,
  handle: ({ actor, body, services }) => services.savedQueries.save(actor, body),
})
