import { defineApiHandler } from '#server/http/define-api-handler'
import { incidentTraceParams } from '#shared/schemas/incident'
import { frozenTrace } from '#shared/schemas/incident-detail'

/** A trace that was kept with the incident, whatever became of its source. The room asks for incidents:read as well. */
export default defineApiHandler({
  permission: 'traces:read',
  params: incidentTraceParams,
  response: frozenTrace,
  handle: ({ actor, params, services }) => services.incidents.frozenTrace(actor, params.id, params.traceId),
})
