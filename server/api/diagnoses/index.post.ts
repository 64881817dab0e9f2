import { defineApiHandler } from '#server/http/define-api-handler'
import { diagnoseRange } from '#shared/schemas/diagnose-range'
import { diagnosis } from '#shared/schemas/diagnosis'

export default defineApiHandler({
  permission: 'traces:read',
  body: diagnoseRange,
  response: diagnosis,
  handle: ({ body, services }) => services.diagnoses.range(body),
})
