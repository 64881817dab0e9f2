import { defineApiHandler } from '#server/http/define-api-handler'
import { testAnswer } from '#shared/schemas/notification'

export default defineApiHandler({
  permission: 'signedIn',
  response: testAnswer,
  handle: ({ actor, services }) => services.notifications.testOwn(actor),
})
