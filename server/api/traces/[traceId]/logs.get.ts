import { defineApiHandler } from '#server/http/define-api-handler'
import { traceLogsAnswer, traceParams } from '#shared/schemas/trace'

export default defineApiHandler({
  permission: 'logs:read',
  params: traceParams,
  response: traceLogsAnswer,
  handle: ({ params, services }) => services.traces.readLogs(params.traceId),
})
