import { defineApiHandler } from '#server/http/define-api-handler'
import { metricsAbout } from '#shared/schemas/metrics'

export default defineApiHandler({
  permission: 'metrics:query',
  response: metricsAbout,
  handle: ({ services }) => services.monitoring.explorer.about(),
})
