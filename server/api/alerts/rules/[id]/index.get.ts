import { defineApiHandler } from '#server/http/define-api-handler'
import { alertRule, alertRuleParams } from '#shared/schemas/alert-rule'

export default defineApiHandler({
  permission: 'alerts:read',
  params: alertRuleParams,
  response: alertRule,
  handle: ({ params, services }) => services.alerting.rules.find(params.id),
})
