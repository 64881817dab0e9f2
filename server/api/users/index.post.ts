import { defineApiHandler } from '#server/http/define-api-handler'
import { linkView } from '#server/http/one-time-link'
import { createUser } from '#shared/schemas/access'
import { createdUser } from '#shared/schemas/access-views'

export default defineApiHandler({
  permission: 'users:manage',
  body: createUser,
  response: createdUser,
  status: 201,
  handle({ body, actor, services }) {
    const { user, link } = services.access.users.create(actor, body)
    return { user, link: linkView(services, '/reset', link) }
  },
})
