import { defineApiHandler } from '#server/http/define-api-handler'
import { idParams, renameRole } from '#shared/schemas/access'
import { roleView } from '#shared/schemas/access-views'

export default defineApiHandler({
  permission: 'roles:manage',
  params: idParams,
  body: renameRole,
  response: roleView,
  handle: ({ params, body, actor, services }) => services.access.roles.rename(actor, params.id, body.name),
})
