import { z } from 'zod'
import { defineApiHandler } from '#server/http/define-api-handler'
import { alertRule } from '#shared/schemas/alert-rule'

export default defineApiHandler({
  permission: 'alerts:read',
  response: z.object({ rules: z.array(alertRule) }),
  handle: ({ services }) => ({ rules: services.alerting.rules.list() }),
})
