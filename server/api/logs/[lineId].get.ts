import { defineApiHandler } from '#server/http/define-api-handler'
import { lineParams, logLineDetails } from '#shared/schemas/log-search'

export default defineApiHandler({
  permission: 'logs:read',
  params: lineParams,
  response: logLineDetails,
  handle: ({ params, services, signal }) => services.monitoring.logs.line(params.lineId, signal),
})
