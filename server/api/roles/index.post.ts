import { defineApiHandler } from '#server/http/define-api-handler'
import { createRole } from '#shared/schemas/access'
import { roleView } from '#shared/schemas/access-views'

export default defineApiHandler({
  permission: 'roles:manage',
  body: createRole,
  response: roleView,
  status: 201,
  handle: ({ body, actor, services }) => services.access.roles.create(actor, body),
})
