import { binary } from '#server/http/answer'
import { defineApiHandler } from '#server/http/define-api-handler'
import { incidentParams } from '#shared/schemas/incident'

/** The whole story as one Markdown file, in the reader's language. The room asks for incidents:read as well. */
export default defineApiHandler({
  permission: 'traces:read',
  params: incidentParams,
  handle: ({ actor, params, request, services }) => binary(Buffer.from(services.incidents.postMortem(actor, params.id, request)), 'text/markdown; charset=utf-8', { 'content-disposition': 'attachment; filename="post-mortem.md"' }),
})
