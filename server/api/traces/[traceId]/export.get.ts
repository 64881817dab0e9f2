import { Readable } from 'node:stream'
import { stream } from '#server/http/answer'
import { defineApiHandler } from '#server/http/define-api-handler'
import { traceParams } from '#shared/schemas/trace'

/** All spans with everything their senders said, one JSON object a line. */
export default defineApiHandler({
  permission: 'traces:read',
  params: traceParams,
  handle: async ({ params, services, signal }) => {
    const spans = await services.traces.exportSpans(params.traceId, signal)
    async function* lines() {
      for await (const span of spans) yield `${JSON.stringify(span)}\n`
    }
    return stream(Readable.from(lines()), 'application/x-ndjson', {
      'content-disposition': `attachment; filename="trace-${params.traceId}.ndjson"`,
    })
  },
})
