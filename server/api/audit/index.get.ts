import { defineApiHandler } from '#server/http/define-api-handler'
import { auditQuery } from '#shared/schemas/access'
import { auditPage } from '#shared/schemas/access-views'

export default defineApiHandler({
  permission: 'audit:read',
  query: auditQuery,
  response: auditPage,
  handle: ({ query, request, services }) => services.access.audit.page(query, request.zone),
})
