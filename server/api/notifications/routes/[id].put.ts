import { defineApiHandler } from '#server/http/define-api-handler'
import { idParams } from '#shared/schemas/access'
import { channelRoute, routeView } from '#shared/schemas/notification'

export default defineApiHandler({
  permission: 'settings:manage',
  params: idParams,
  body: channelRoute,
  response: routeView,
  handle: ({ actor, params, body, services }) => services.notifications.routes.change(actor, params.id, body),
})
