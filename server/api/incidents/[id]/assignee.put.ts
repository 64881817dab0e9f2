import { defineApiHandler } from '#server/http/define-api-handler'
import { assignIncident, incidentParams, incidentRevision } from '#shared/schemas/incident'

export default defineApiHandler({
  permission: 'incidents:manage',
  params: incidentParams,
  body: assignIncident,
  response: incidentRevision,
  handle: ({ actor, params, body, services }) => services.incidents.assign(actor, params.id, body),
})
