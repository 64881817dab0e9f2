import { defineApiHandler } from '#server/http/define-api-handler'
import { idParams } from '#shared/schemas/access'

export default defineApiHandler({
  permission: 'signedIn',
  params: idParams,
  handle: ({ actor, params, services }) => services.notifications.routes.removeOwn(actor, params.id),
})
