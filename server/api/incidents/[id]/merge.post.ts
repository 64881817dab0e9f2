import { defineApiHandler } from '#server/http/define-api-handler'
import { incidentParams } from '#shared/schemas/incident'
import { incidentRevision, mergeIncident } from '#shared/schemas/incident-commands'

export default defineApiHandler({
  permission: 'incidents:manage',
  params: incidentParams,
  body: mergeIncident,
  response: incidentRevision,
  handle: ({ actor, params, body, services }) => services.incidents.merge(actor, params.id, body),
})
