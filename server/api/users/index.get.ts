import { defineApiHandler } from '#server/http/define-api-handler'
import { userList } from '#shared/schemas/access-views'

export default defineApiHandler({
  permission: 'users:manage',
  response: userList,
  handle: ({ services }) => ({ users: services.access.users.list() }),
})
