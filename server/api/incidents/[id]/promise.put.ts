import { defineApiHandler } from '#server/http/define-api-handler'
import { incidentParams, incidentRevision, promiseUpdate } from '#shared/schemas/incident'

export default defineApiHandler({
  permission: 'incidents:update',
  params: incidentParams,
  body: promiseUpdate,
  response: incidentRevision,
  handle: ({ actor, params, body, services }) => services.incidents.promise(actor, params.id, body),
})
