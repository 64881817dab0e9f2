import { defineApiHandler } from '#server/http/define-api-handler'
import { displayLinkList } from '#shared/schemas/access-views'

export default defineApiHandler({
  permission: 'settings:manage',
  response: displayLinkList,
  handle: ({ services }) => ({ links: services.access.displayLinks.list() }),
})
