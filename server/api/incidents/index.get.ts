import { defineApiHandler } from '#server/http/define-api-handler'
import { incidents, listIncidents } from '#shared/schemas/incident-list'

export default defineApiHandler({
  permission: 'incidents:read',
  query: listIncidents,
  response: incidents,
  handle: ({ actor, query, request, services }) => services.incidents.list(actor, query, request),
})
