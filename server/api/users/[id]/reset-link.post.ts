import { defineApiHandler } from '#server/http/define-api-handler'
import { linkView } from '#server/http/one-time-link'
import { idParams } from '#shared/schemas/access'
import { resetLinkView } from '#shared/schemas/access-views'

export default defineApiHandler({
  permission: 'users:manage',
  params: idParams,
  response: resetLinkView,
  status: 201,
  handle: ({ params, actor, services }) => linkView(services, '/reset', services.access.users.createResetLink(actor, params.id)),
})
