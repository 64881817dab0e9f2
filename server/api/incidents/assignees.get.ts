import { defineApiHandler } from '#server/http/define-api-handler'
import { assignees } from '#shared/schemas/incident-commands'

export default defineApiHandler({
  permission: 'incidents:manage',
  response: assignees,
  handle: ({ services }) => services.incidents.assignees(),
})
