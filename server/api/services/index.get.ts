import { defineApiHandler } from '#server/http/define-api-handler'
import { services as response } from '#shared/schemas/service'

export default defineApiHandler({
  permission: 'status:read',
  response,
  handle: ({ services }) => ({ services: services.registry.services.list() }),
})
