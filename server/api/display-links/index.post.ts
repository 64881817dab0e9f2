import { defineApiHandler } from '#server/http/define-api-handler'
import { createDisplayLink } from '#shared/schemas/access'
import { createdDisplayLink } from '#shared/schemas/access-views'

export default defineApiHandler({
  permission: 'settings:manage',
  body: createDisplayLink,
  response: createdDisplayLink,
  status: 201,
  handle: ({ actor, body, services }) => services.access.displayLinks.create(actor, body),
})
