import { defineApiHandler } from '#server/http/define-api-handler'
import { incidentParams } from '#shared/schemas/incident'
import { acknowledgeIncident, incidentRevision } from '#shared/schemas/incident-commands'

export default defineApiHandler({
  permission: 'incidents:manage',
  params: incidentParams,
  body: acknowledgeIncident,
  response: incidentRevision,
  handle: ({ actor, params, body, services }) => services.incidents.acknowledge(actor, params.id, body),
})
