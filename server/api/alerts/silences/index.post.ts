import { z } from 'zod'
import { defineApiHandler } from '#server/http/define-api-handler'
import { createSilence } from '#shared/schemas/alert-silence'

export default defineApiHandler({
  permission: 'alerts:write',
  body: createSilence,
  response: z.object({ id: z.string() }),
  status: 201,
  handle: ({ actor, body, services }) => services.alerting.silences.create(actor, body),
})
