import { defineApiHandler } from '#server/http/define-api-handler'
import { describeSession, openSession } from '#server/http/session'
import { setUp } from '#shared/schemas/access'
import { sessionView } from '#shared/schemas/access-views'

export default defineApiHandler({
  permission: 'public',
  body: setUp,
  response: sessionView,
  status: 201,
  async handle({ body, services, request, event }) {
    const token = await services.access.links.setUp(body, request)
    return describeSession(services, openSession(event, services, token), request)
  },
})
