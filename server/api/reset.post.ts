import { defineApiHandler } from '#server/http/define-api-handler'
import { resetPassword } from '#shared/schemas/access'
import { resetView } from '#shared/schemas/access-views'

export default defineApiHandler({
  permission: 'public',
  body: resetPassword,
  response: resetView,
  handle: ({ body, services }) => services.access.links.resetPassword(body),
})
