import { defineApiHandler } from '#server/http/define-api-handler'
import { incidentParams } from '#shared/schemas/incident'
import { incidentRevision, reopenIncident } from '#shared/schemas/incident-commands'

export default defineApiHandler({
  permission: 'incidents:manage',
  params: incidentParams,
  body: reopenIncident,
  response: incidentRevision,
  handle: ({ actor, params, body, services }) => services.incidents.reopen(actor, params.id, body),
})
