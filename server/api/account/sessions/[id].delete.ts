import { defineApiHandler } from '#server/http/define-api-handler'
import { idParams } from '#shared/schemas/access'

export default defineApiHandler({
  permission: 'signedIn',
  params: idParams,
  handle: ({ actor, params, services }) => services.access.sessions.endOne(actor, params.id),
})
