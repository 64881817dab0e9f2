import { defineApiHandler } from '#server/http/define-api-handler'
import { ownNotifications } from '#shared/schemas/notification'

export default defineApiHandler({
  permission: 'signedIn',
  response: ownNotifications,
  handle: ({ actor, services }) => services.notifications.own(actor),
})
