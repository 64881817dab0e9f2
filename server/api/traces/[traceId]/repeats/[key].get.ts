import { defineApiHandler } from '#server/http/define-api-handler'
import { repeatAnswer, spanParams } from '#shared/schemas/trace'

export default defineApiHandler({
  permission: 'traces:read',
  params: spanParams,
  response: repeatAnswer,
  handle: ({ params, services, signal }) => services.traces.readRepeat(params.traceId, params.key, signal),
})
