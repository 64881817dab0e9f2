import { defineApiHandler } from '#server/http/define-api-handler'
import { incidentParams } from '#shared/schemas/incident'
import { incidentRevision, noteIncident } from '#shared/schemas/incident-commands'

export default defineApiHandler({
  permission: 'incidents:update',
  params: incidentParams,
  body: noteIncident,
  response: incidentRevision,
  handle: ({ actor, params, body, services }) => services.incidents.note(actor, params.id, body),
})
