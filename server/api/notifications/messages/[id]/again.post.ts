import { defineApiHandler } from '#server/http/define-api-handler'
import { idParams } from '#shared/schemas/access'
import { messageView } from '#shared/schemas/notification'

export default defineApiHandler({
  permission: 'settings:manage',
  params: idParams,
  response: messageView,
  handle: ({ actor, params, services }) => services.notifications.log.sendAgain(actor, params.id),
})
