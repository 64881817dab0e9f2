import { defineApiHandler } from '#server/http/define-api-handler'
import { acknowledgeIncident, incidentParams, incidentRevision } from '#shared/schemas/incident'

export default defineApiHandler({
  permission: 'incidents:manage',
  params: incidentParams,
  body: acknowledgeIncident,
  response: incidentRevision,
  handle: ({ actor, params, body, services }) => services.incidents.acknowledge(actor, params.id, body),
})
