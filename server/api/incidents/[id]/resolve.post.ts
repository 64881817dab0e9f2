import { defineApiHandler } from '#server/http/define-api-handler'
import { incidentParams } from '#shared/schemas/incident'
import { incidentRevision, resolveIncident } from '#shared/schemas/incident-commands'

export default defineApiHandler({
  permission: 'incidents:manage',
  params: incidentParams,
  body: resolveIncident,
  response: incidentRevision,
  handle: ({ actor, params, body, services }) => services.incidents.resolve(actor, params.id, body),
})
