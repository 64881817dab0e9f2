import { defineApiHandler } from '#server/http/define-api-handler'
import { chainView } from '#shared/schemas/access-views'

export default defineApiHandler({
  permission: 'audit:read',
  response: chainView,
  handle: ({ services }) => services.access.audit.verify(),
})
