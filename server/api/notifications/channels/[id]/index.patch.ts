import { defineApiHandler } from '#server/http/define-api-handler'
import { idParams } from '#shared/schemas/access'
import { savedChannel, updateChannel } from '#shared/schemas/notification'

export default defineApiHandler({
  permission: 'settings:manage',
  params: idParams,
  body: updateChannel,
  response: savedChannel,
  handle: ({ actor, params, body, services }) => services.notifications.channels.update(actor, params.id, body),
})
