import { defineApiHandler } from '#server/http/define-api-handler'
import { tokenList } from '#shared/schemas/access-views'

export default defineApiHandler({
  permission: 'signedIn',
  response: tokenList,
  handle: ({ actor, services }) => ({ tokens: services.access.tokens.list(actor) }),
})
