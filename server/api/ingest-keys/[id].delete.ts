import { defineApiHandler } from '#server/http/define-api-handler'
import { idParams } from '#shared/schemas/access'
import { ingestKeyView } from '#shared/schemas/access-views'

export default defineApiHandler({
  permission: 'ingest-keys:manage',
  params: idParams,
  response: ingestKeyView,
  handle: ({ actor, params, services }) => services.access.ingestKeys.revoke(actor, params.id),
})
