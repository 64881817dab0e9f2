import { defineApiHandler } from '#server/http/define-api-handler'
import { incidentParams } from '#shared/schemas/incident'
import { assignIncident, incidentRevision } from '#shared/schemas/incident-commands'

export default defineApiHandler({
  permission: 'incidents:manage',
  params: incidentParams,
  body: assignIncident,
  response: incidentRevision,
  handle: ({ actor, params, body, services }) => services.incidents.assign(actor, params.id, body),
})
