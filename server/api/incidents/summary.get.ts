import { defineApiHandler } from '#server/http/define-api-handler'
import { incidentSummary } from '#shared/schemas/incident-list'

/** For the mark in the navigation. */
export default defineApiHandler({
  permission: 'incidents:read',
  response: incidentSummary,
  handle: ({ services }) => services.incidents.summary(),
})
