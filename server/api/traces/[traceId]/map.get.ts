import { defineApiHandler } from '#server/http/define-api-handler'
import { traceMap, traceParams } from '#shared/schemas/trace'

export default defineApiHandler({
  permission: 'traces:read',
  params: traceParams,
  response: traceMap,
  handle: ({ params, services }) => services.traces.readMap(params.traceId),
})
