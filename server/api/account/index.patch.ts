import { defineApiHandler } from '#server/http/define-api-handler'
import { updateAccount } from '#shared/schemas/access'
import { accountView } from '#shared/schemas/access-views'

export default defineApiHandler({
  permission: 'signedIn',
  body: updateAccount,
  response: accountView,
  handle: ({ actor, body, services }) => services.access.account.update(actor, body),
})
