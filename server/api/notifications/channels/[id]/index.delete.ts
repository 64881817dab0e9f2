import { defineApiHandler } from '#server/http/define-api-handler'
import { idParams } from '#shared/schemas/access'

export default defineApiHandler({
  permission: 'settings:manage',
  params: idParams,
  handle: ({ actor, params, services }) => services.notifications.channels.remove(actor, params.id),
})
