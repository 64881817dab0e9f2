import { defineApiHandler } from '#server/http/define-api-handler'
import { anyRuleParams } from '#shared/schemas/alert-rule'

export default defineApiHandler({
  permission: 'alerts:write',
  params: anyRuleParams,
  status: 204,
  handle: ({ actor, params, services }) => services.alerting.rules.pause(actor, params.id),
})
