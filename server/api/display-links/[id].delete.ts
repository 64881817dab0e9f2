import { defineApiHandler } from '#server/http/define-api-handler'
import { idParams } from '#shared/schemas/access'
import { displayLinkView } from '#shared/schemas/access-views'

export default defineApiHandler({
  permission: 'settings:manage',
  params: idParams,
  response: displayLinkView,
  handle: ({ actor, params, services }) => services.access.displayLinks.revoke(actor, params.id),
})
