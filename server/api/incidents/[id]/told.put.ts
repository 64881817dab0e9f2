import { defineApiHandler } from '#server/http/define-api-handler'
import { incidentParams } from '#shared/schemas/incident'
import { incidentRevision, tellConsumer } from '#shared/schemas/incident-commands'

export default defineApiHandler({
  permission: 'incidents:update',
  params: incidentParams,
  body: tellConsumer,
  response: incidentRevision,
  handle: ({ actor, params, body, services }) => services.incidents.tell(actor, params.id, body),
})
