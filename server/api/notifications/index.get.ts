import { defineApiHandler } from '#server/http/define-api-handler'
import { notificationSetup } from '#shared/schemas/notification'

export default defineApiHandler({
  permission: 'settings:manage',
  response: notificationSetup,
  handle: ({ services }) => services.notifications.setup(),
})
