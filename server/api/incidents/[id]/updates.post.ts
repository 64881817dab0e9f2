import { defineApiHandler } from '#server/http/define-api-handler'
import { incidentParams } from '#shared/schemas/incident'
import { incidentRevision, updateIncident } from '#shared/schemas/incident-commands'

export default defineApiHandler({
  permission: 'incidents:update',
  params: incidentParams,
  body: updateIncident,
  response: incidentRevision,
  handle: ({ actor, params, body, services }) => services.incidents.update(actor, params.id, body),
})
