import { defineApiHandler } from '#server/http/define-api-handler'
import { ingestKeyList } from '#shared/schemas/access-views'

export default defineApiHandler({
  permission: 'ingest-keys:manage',
  response: ingestKeyList,
  handle: ({ services }) => ({ keys: services.access.ingestKeys.list() }),
})
