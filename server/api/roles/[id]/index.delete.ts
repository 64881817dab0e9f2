import { defineApiHandler } from '#server/http/define-api-handler'
import { idParams } from '#shared/schemas/access'

export default defineApiHandler({
  permission: 'roles:manage',
  params: idParams,
  handle: ({ params, actor, services }) => services.access.roles.remove(actor, params.id),
})
