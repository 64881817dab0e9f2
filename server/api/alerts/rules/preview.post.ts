import { defineApiHandler } from '#server/http/define-api-handler'
import { alertRuleFields, rulePreview } from '#shared/schemas/alert-rule'

/** How often a rule would have fired; changes nothing. */
export default defineApiHandler({
  permission: 'alerts:write',
  body: alertRuleFields,
  response: rulePreview,
  handle: ({ actor, body, services, signal }) => services.alerting.rules.preview(actor, body, signal),
})
