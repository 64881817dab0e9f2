import { defineApiHandler } from '#server/http/define-api-handler'
import { createToken } from '#shared/schemas/access'
import { createdToken } from '#shared/schemas/access-views'

export default defineApiHandler({
  permission: 'signedIn',
  body: createToken,
  response: createdToken,
  status: 201,
  handle: ({ actor, body, services }) => services.access.tokens.create(actor, body),
})
