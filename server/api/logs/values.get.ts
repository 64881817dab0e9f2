import { defineApiHandler } from '#server/http/define-api-handler'
import { logValues } from '#shared/schemas/log-search'

export default defineApiHandler({
  permission: 'logs:read',
  response: logValues,
  handle: ({ services, signal }) => services.monitoring.logs.values(signal),
})
