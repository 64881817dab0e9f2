import { defineApiHandler } from '#server/http/define-api-handler'
import { endpoint, restoreRevision, revisionParams } from '#shared/schemas/endpoint'

export default defineApiHandler({
  permission: 'endpoints:write',
  params: revisionParams,
  body: restoreRevision,
  response: endpoint,
  handle: ({ actor, params, body, services }) => services.registry.revisions.restore(actor, params.id, params.n, body.revision),
})
