import { defineApiHandler } from '#server/http/define-api-handler'
import { alertRule, alertRuleFields } from '#shared/schemas/alert-rule'

export default defineApiHandler({
  permission: 'alerts:write',
  body: alertRuleFields,
  response: alertRule,
  status: 201,
  handle: ({ actor, body, services }) => services.alerting.rules.create(actor, body),
})
