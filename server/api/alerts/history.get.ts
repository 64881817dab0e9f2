import { defineApiHandler } from '#server/http/define-api-handler'
import { alertHistory, historyQuery } from '#shared/schemas/alerts'

export default defineApiHandler({
  permission: 'alerts:read',
  query: historyQuery,
  response: alertHistory,
  handle: ({ query, services }) => services.alerting.history(query),
})
