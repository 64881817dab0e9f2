import { defineApiHandler } from '#server/http/define-api-handler'
import { messagePage, messageQuery } from '#shared/schemas/notification'

export default defineApiHandler({
  permission: 'settings:manage',
  query: messageQuery,
  response: messagePage,
  handle: ({ query, services }) => services.notifications.log.list(query),
})
