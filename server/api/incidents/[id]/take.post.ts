import { defineApiHandler } from '#server/http/define-api-handler'
import { incidentParams, incidentRevision, takeIncident } from '#shared/schemas/incident'

export default defineApiHandler({
  permission: 'incidents:manage',
  params: incidentParams,
  body: takeIncident,
  response: incidentRevision,
  handle: ({ actor, params, body, services }) => services.incidents.take(actor, params.id, body),
})
