import { defineApiHandler } from '#server/http/define-api-handler'
import { idParams } from '#shared/schemas/access'

export default defineApiHandler({
  permission: 'metrics:query',
  params: idParams,
  handle: ({ actor, params, services }) => services.savedQueries.remove(actor, params.id),
})
