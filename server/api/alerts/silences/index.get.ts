import { defineApiHandler } from '#server/http/define-api-handler'
import { silences } from '#shared/schemas/alert-silence'

export default defineApiHandler({
  permission: 'alerts:read',
  response: silences,
  handle: ({ services }) => services.alerting.silences.list(),
})
