import { defineApiHandler } from '#server/http/define-api-handler'
import { preview, previewQuery } from '#shared/schemas/endpoint-list'

export default defineApiHandler({
  permission: 'endpoints:read',
  query: previewQuery,
  response: preview,
  handle: ({ actor, query, services, signal }) => services.registry.endpoints.preview(actor, query, signal),
})
