import { defineApiHandler } from '#server/http/define-api-handler'
import { closeSession } from '#server/http/session'

export default defineApiHandler({
  permission: 'public',
  handle: ({ services, event, actor }) => closeSession(event, services, actor),
})
