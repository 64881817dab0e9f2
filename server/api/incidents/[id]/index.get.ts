import { defineApiHandler } from '#server/http/define-api-handler'
import { incident, incidentParams } from '#shared/schemas/incident'

export default defineApiHandler({
  permission: 'incidents:read',
  params: incidentParams,
  response: incident,
  handle: ({ actor, params, request, services }) => services.incidents.read(actor, params.id, request),
})
