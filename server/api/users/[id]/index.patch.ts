import { defineApiHandler } from '#server/http/define-api-handler'
import { idParams, updateUser } from '#shared/schemas/access'
import { userView } from '#shared/schemas/access-views'

export default defineApiHandler({
  permission: 'users:manage',
  params: idParams,
  body: updateUser,
  response: userView,
  handle: ({ params, body, actor, services }) => services.access.users.update(actor, params.id, body),
})
