import { binary } from '#server/http/answer'
import { defineApiHandler } from '#server/http/define-api-handler'
import { traceParams } from '#shared/schemas/trace'

/** The columns of `shared/trace/skeleton.ts`. */
export default defineApiHandler({
  permission: 'traces:read',
  params: traceParams,
  handle: async ({ params, services }) => binary(await services.traces.skeleton(params.traceId)),
})
