import { defineApiHandler } from '#server/http/define-api-handler'
import { incidentParams } from '#shared/schemas/incident'
import { incidentRevision } from '#shared/schemas/incident-commands'
import { reportProblem } from '#shared/schemas/incident-report'

export default defineApiHandler({
  permission: 'incidents:update',
  params: incidentParams,
  body: reportProblem,
  response: incidentRevision,
  handle: ({ actor, params, body, services }) => services.incidents.reportOn(actor, params.id, body),
})
