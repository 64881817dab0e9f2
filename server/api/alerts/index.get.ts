import { defineApiHandler } from '#server/http/define-api-handler'
import { alertsOverview } from '#shared/schemas/alerts'

export default defineApiHandler({
  permission: 'alerts:read',
  response: alertsOverview,
  handle: ({ services }) => services.alerting.overview(),
})
