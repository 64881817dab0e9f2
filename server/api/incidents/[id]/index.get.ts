import { defineApiHandler } from '#server/http/define-api-handler'
import { incidentParams } from '#shared/schemas/incident'
import { incident } from '#shared/schemas/incident-detail'

export default defineApiHandler({
  permission: 'incidents:read',
  params: incidentParams,
  response: incident,
  handle: ({ actor, params, request, services }) => services.incidents.read(actor, params.id, request),
})
