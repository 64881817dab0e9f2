import { defineApiHandler } from '#server/http/define-api-handler'
import { silenceParams } from '#shared/schemas/alert-silence'

export default defineApiHandler({
  permission: 'alerts:write',
  params: silenceParams,
  status: 204,
  handle: ({ actor, params, services }) => services.alerting.silences.end(actor, params.id),
})
