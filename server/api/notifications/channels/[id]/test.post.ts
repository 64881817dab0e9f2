import { defineApiHandler } from '#server/http/define-api-handler'
import { idParams } from '#shared/schemas/access'
import { testAnswer } from '#shared/schemas/notification'

export default defineApiHandler({
  permission: 'settings:manage',
  params: idParams,
  response: testAnswer,
  handle: ({ actor, params, services }) => services.notifications.channels.test(actor, params.id),
})
