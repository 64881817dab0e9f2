import { defineApiHandler } from '#server/http/define-api-handler'
import { answerReport, report, reportParams } from '#shared/schemas/incident-report'

export default defineApiHandler({
  permission: 'incidents:manage',
  params: reportParams,
  body: answerReport,
  response: report,
  handle: ({ actor, params, body, services }) => services.incidents.answerReport(actor, params.id, body),
})
