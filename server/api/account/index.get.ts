import { defineApiHandler } from '#server/http/define-api-handler'
import { accountView } from '#shared/schemas/access-views'

export default defineApiHandler({
  permission: 'signedIn',
  response: accountView,
  handle: ({ actor, services }) => services.access.account.describe(actor),
})
