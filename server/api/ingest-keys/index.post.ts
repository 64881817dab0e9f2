import { defineApiHandler } from '#server/http/define-api-handler'
import { createIngestKey } from '#shared/schemas/access'
import { createdIngestKey } from '#shared/schemas/access-views'

export default defineApiHandler({
  permission: 'ingest-keys:manage',
  body: createIngestKey,
  response: createdIngestKey,
  status: 201,
  handle: ({ actor, body, services }) => services.access.ingestKeys.create(actor, body),
})
