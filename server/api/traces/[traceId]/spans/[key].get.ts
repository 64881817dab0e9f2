import { defineApiHandler } from '#server/http/define-api-handler'
import { spanAnswer, spanParams } from '#shared/schemas/trace'

export default defineApiHandler({
  permission: 'traces:read',
  params: spanParams,
  response: spanAnswer,
  handle: ({ params, actor, services }) =>
    services.traces.readSpan(params.traceId, params.key, { withLogs: actor.permissions.has('logs:read') }),
})
