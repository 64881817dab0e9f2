import { defineApiHandler } from '#server/http/define-api-handler'
import { traceAnswer, traceParams } from '#shared/schemas/trace'

export default defineApiHandler({
  permission: 'traces:read',
  params: traceParams,
  response: traceAnswer,
  handle: ({ params, actor, services }) =>
    services.traces.read(params.traceId, { withLogs: actor.permissions.has('logs:read'), actor }),
})
