import { defineApiHandler } from '#server/http/define-api-handler'
import { idParams } from '#shared/schemas/access'
import { ownRoute, routeView } from '#shared/schemas/notification'

export default defineApiHandler({
  permission: 'signedIn',
  params: idParams,
  body: ownRoute,
  response: routeView,
  handle: ({ actor, params, body, services }) => services.notifications.routes.changeOwn(actor, params.id, body),
})
