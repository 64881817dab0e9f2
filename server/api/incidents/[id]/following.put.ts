import { defineApiHandler } from '#server/http/define-api-handler'
import { incidentParams } from '#shared/schemas/incident'
import { followedIncident, followIncident } from '#shared/schemas/incident-report'

/** One's own wish to hear of it. The room asks for incidents:read. */
export default defineApiHandler({
  permission: 'signedIn',
  params: incidentParams,
  body: followIncident,
  response: followedIncident,
  handle: ({ actor, params, body, services }) =>
    ({ ...services.incidents.follow(actor, params.id, body), mail: services.notifications.own(actor).mail }),
})
