import { defineApiHandler } from '#server/http/define-api-handler'
import { report, reportProblem } from '#shared/schemas/incident-report'

/** Of what no incident tells; all that wait stand in the list of incidents. */
export default defineApiHandler({
  permission: 'incidents:update',
  body: reportProblem,
  response: report,
  handle: ({ actor, body, services }) => services.incidents.report(actor, body),
})
