import { defineApiHandler } from '#server/http/define-api-handler'

export default defineApiHandler({
  // All but the one that asks.
  permission: 'signedIn',
  handle: ({ actor, services }) => services.access.sessions.endOthers(actor),
})
