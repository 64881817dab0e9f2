import { defineApiHandler } from '#server/http/define-api-handler'
import { ruleChoices } from '#shared/schemas/alerts'

/** What a rule or a silence may be about. */
export default defineApiHandler({
  permission: 'alerts:write',
  response: ruleChoices,
  handle: ({ actor, services }) => services.alerting.rules.choices(actor),
})
