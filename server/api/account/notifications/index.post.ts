import { defineApiHandler } from '#server/http/define-api-handler'
import { ownRoute, routeView } from '#shared/schemas/notification'

export default defineApiHandler({
  permission: 'signedIn',
  body: ownRoute,
  response: routeView,
  status: 201,
  handle: ({ actor, body, services }) => services.notifications.routes.addOwn(actor, body),
})
