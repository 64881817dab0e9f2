import { defineApiHandler } from '#server/http/define-api-handler'
import { channelRoute, routeView } from '#shared/schemas/notification'

export default defineApiHandler({
  permission: 'settings:manage',
  body: channelRoute,
  response: routeView,
  status: 201,
  handle: ({ actor, body, services }) => services.notifications.routes.add(actor, body),
})
