import { defineApiHandler } from '#server/http/define-api-handler'
import { idParams } from '#shared/schemas/access'
import { newSecret } from '#shared/schemas/notification'

export default defineApiHandler({
  permission: 'settings:manage',
  params: idParams,
  response: newSecret,
  handle: ({ actor, params, services }) => services.notifications.channels.renewSecret(actor, params.id),
})
