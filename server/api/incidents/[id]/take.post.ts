import { defineApiHandler } from '#server/http/define-api-handler'
import { incidentParams } from '#shared/schemas/incident'
import { incidentRevision, takeIncident } from '#shared/schemas/incident-commands'

export default defineApiHandler({
  permission: 'incidents:manage',
  params: incidentParams,
  body: takeIncident,
  response: incidentRevision,
  handle: ({ actor, params, body, services }) => services.incidents.take(actor, params.id, body),
})
