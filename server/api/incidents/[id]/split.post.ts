import { defineApiHandler } from '#server/http/define-api-handler'
import { incidentParams } from '#shared/schemas/incident'
import { incidentRevision, splitIncident } from '#shared/schemas/incident-commands'

export default defineApiHandler({
  permission: 'incidents:manage',
  params: incidentParams,
  body: splitIncident,
  response: incidentRevision,
  handle: ({ actor, params, body, services }) => services.incidents.split(actor, params.id, body),
})
