import { defineApiHandler } from '#server/http/define-api-handler'
import { describeSession } from '#server/http/session'
import { sessionView } from '#shared/schemas/access-views'

export default defineApiHandler({
  permission: 'public',
  response: sessionView,
  handle: ({ actor, services, request }) => describeSession(services, actor, request),
})
