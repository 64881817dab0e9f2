import { defineApiHandler } from '#server/http/define-api-handler'
import { serviceAnalysis, serviceAnalysisParams, serviceAnalysisQuery } from '#shared/schemas/service-analysis'

export default defineApiHandler({
  permission: 'status:read',
  params: serviceAnalysisParams,
  query: serviceAnalysisQuery,
  response: serviceAnalysis,
  handle: ({ actor, params, query, services }) => services.monitoring.service(actor, params.name, query),
})
