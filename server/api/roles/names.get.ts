import { defineApiHandler } from '#server/http/define-api-handler'
import { roleNameList } from '#shared/schemas/access-views'

export default defineApiHandler({
  // Whoever gives people their roles need not be able to change what these grant.
  permission: 'users:manage',
  response: roleNameList,
  handle: ({ services }) => ({ roles: services.access.roles.list() }),
})
