import { defineApiHandler } from '#server/http/define-api-handler'
import { alertRuleParams } from '#shared/schemas/alert-rule'

export default defineApiHandler({
  permission: 'alerts:write',
  params: alertRuleParams,
  handle: ({ actor, params, services }) => services.alerting.rules.remove(actor, params.id),
})
