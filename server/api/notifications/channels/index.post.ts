import { defineApiHandler } from '#server/http/define-api-handler'
import { createChannel, savedChannel } from '#shared/schemas/notification'

export default defineApiHandler({
  permission: 'settings:manage',
  body: createChannel,
  response: savedChannel,
  status: 201,
  handle: ({ actor, body, services }) => services.notifications.channels.create(actor, body),
})
