import { defineApiHandler } from '#server/http/define-api-handler'
import { roleList } from '#shared/schemas/access-views'

export default defineApiHandler({
  permission: 'roles:manage',
  response: roleList,
  handle: ({ services }) => ({ roles: services.access.roles.list() }),
})
