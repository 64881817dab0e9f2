import { defineApiHandler } from '#server/http/define-api-handler'
import { incidentParams } from '#shared/schemas/incident'
import { incidentRevision, promiseUpdate } from '#shared/schemas/incident-commands'

export default defineApiHandler({
  permission: 'incidents:update',
  params: incidentParams,
  body: promiseUpdate,
  response: incidentRevision,
  handle: ({ actor, params, body, services }) => services.incidents.promise(actor, params.id, body),
})
