import { defineApiHandler } from '#server/http/define-api-handler'
import { updateRolePermissions } from '#shared/schemas/access'
import { roleList } from '#shared/schemas/access-views'

export default defineApiHandler({
  permission: 'roles:manage',
  body: updateRolePermissions,
  response: roleList,
  handle: ({ body, actor, services }) => ({ roles: services.access.roles.updatePermissions(actor, body) }),
})
