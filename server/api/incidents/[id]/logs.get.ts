import { defineApiHandler } from '#server/http/define-api-handler'
import { incidentParams } from '#shared/schemas/incident'
import { frozenLogs } from '#shared/schemas/incident-detail'

/** The lines that were kept with the incident. The room asks for incidents:read as well. */
export default defineApiHandler({
  permission: 'logs:read',
  params: incidentParams,
  response: frozenLogs,
  handle: ({ actor, params, services }) => services.incidents.frozenLogs(actor, params.id),
})
