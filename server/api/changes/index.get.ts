import { defineApiHandler } from '#server/http/define-api-handler'
import { changes, listChanges } from '#shared/schemas/change'

export default defineApiHandler({
  permission: 'status:read',
  query: listChanges,
  response: changes,
  handle: ({ query, services }) => services.registry.changes.answer(query),
})
