import { z } from 'zod'
import { recordCspReport } from '#server/http/csp-reports'
import { defineApiHandler } from '#server/http/define-api-handler'

export default defineApiHandler({
  permission: 'public',
  contentType: 'application/csp-report',
  body: z.record(z.string(), z.record(z.string(), z.unknown())),
  handle: ({ body, services }) => recordCspReport(body['csp-report'] ?? {}, services.clock),
})
