import { raw } from '#server/http/answer'
import { defineApiHandler } from '#server/http/define-api-handler'
import { streamQuery } from '#shared/schemas/live'

export default defineApiHandler({
  permission: 'signedIn',
  displays: true,
  query: streamQuery,
  handle: ({ actor, query, currentActor, services, event }) => {
    const last = event.node.req.headers['last-event-id']
    const heard = typeof last === 'string' ? last : query.last
    return raw(response => services.streams.open({ response, actor, currentActor, last: heard }))
  },
})
