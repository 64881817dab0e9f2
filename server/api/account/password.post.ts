import { defineApiHandler } from '#server/http/define-api-handler'
import { openSession } from '#server/http/session'
import { changePassword } from '#shared/schemas/access'

export default defineApiHandler({
  permission: 'signedIn',
  body: changePassword,
  async handle({ actor, body, services, request, event }) {
    openSession(event, services, await services.access.account.changePassword(actor, body, request))
  },
})
