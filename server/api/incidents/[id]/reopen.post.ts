import { defineApiHandler } from '#server/http/define-api-handler'
import { incidentParams, incidentRevision, reopenIncident } from '#shared/schemas/incident'

export default defineApiHandler({
  permission: 'incidents:manage',
  params: incidentParams,
  body: reopenIncident,
  response: incidentRevision,
  handle: ({ actor, params, body, services }) => services.incidents.reopen(actor, params.id, body),
})
