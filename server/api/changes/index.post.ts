import { defineApiHandler } from '#server/http/define-api-handler'
import { announceChange, change } from '#shared/schemas/change'

export default defineApiHandler({
  permission: 'machine',
  scope: 'changes',
  body: announceChange,
  response: change,
  status: 201,
  handle: ({ actor, body, services }) => services.registry.changes.announce(actor, body),
})
