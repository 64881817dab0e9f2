import { defineApiHandler } from '#server/http/define-api-handler'
import { idParams } from '#shared/schemas/access'

export default defineApiHandler({
  permission: 'users:manage',
  params: idParams,
  handle: ({ params, actor, services }) => services.access.users.remove(actor, params.id),
})
