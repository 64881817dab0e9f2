import { defineApiHandler } from '#server/http/define-api-handler'
import { describeSession, openSession } from '#server/http/session'
import { sessionView } from '#shared/schemas/access-views'
import { credentials } from '#shared/schemas/session'

export default defineApiHandler({
  permission: 'public',
  body: credentials,
  response: sessionView,
  async handle({ body, services, request, event }) {
    const token = await services.access.sessions.signIn(body, request)
    return describeSession(services, openSession(event, services, token), request)
  },
})
