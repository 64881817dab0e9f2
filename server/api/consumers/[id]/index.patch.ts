import { defineApiHandler } from '#server/http/define-api-handler'
import { consumer, consumerParams, updateConsumer } from '#shared/schemas/consumer'

export default defineApiHandler({
  permission: 'consumers:write',
  params: consumerParams,
  body: updateConsumer,
  response: consumer,
  handle: ({ actor, params, body, services }) => services.registry.consumers.update(actor, params.id, body),
})
