import { defineApiHandler } from '#server/http/define-api-handler'
import { endpointAnalysis, endpointAnalysisParams, endpointAnalysisQuery } from '#shared/schemas/endpoint-analysis'

export default defineApiHandler({
  permission: 'endpoints:read',
  params: endpointAnalysisParams,
  query: endpointAnalysisQuery,
  response: endpointAnalysis,
  handle: ({ actor, params, query, services }) => services.monitoring.endpoint(actor, params.id, query),
})
