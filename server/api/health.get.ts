import { defineApiHandler } from '#server/http/define-api-handler'
import { z } from 'zod'

export default defineApiHandler({
  permission: 'public',
  response: z.object({ status: z.literal('ok') }),
  handle: () => ({ status: 'ok' as const }),
})
