import { defineApiHandler } from '#server/http/define-api-handler'
import { idParams } from '#shared/schemas/access'
import { savedQuery, updateSavedQuery } from '#shared/schemas/metrics'

export default defineApiHandler({
  permission: 'metrics:query',
  params: idParams,
  body: updateSavedQuery,
  response: savedQuery,
  handle: ({ actor, params, body, services }) => services.savedQueries.update(actor, params.id, body),
})
