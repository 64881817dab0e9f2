import { defineApiHandler } from '#server/http/define-api-handler'
import { alertRule, alertRuleParams, updateAlertRule } from '#shared/schemas/alert-rule'

export default defineApiHandler({
  permission: 'alerts:write',
  params: alertRuleParams,
  body: updateAlertRule,
  response: alertRule,
  handle: ({ actor, params, body, services }) => services.alerting.rules.update(actor, params.id, body),
})
