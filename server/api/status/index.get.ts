import { defineApiHandler } from '#server/http/define-api-handler'
import { statusBoard, statusQuery } from '#shared/schemas/status'

export default defineApiHandler({
  permission: 'status:read',
  query: statusQuery,
  response: statusBoard,
  handle: ({ actor, query, services }) => services.monitoring.board(query, actor),
})
