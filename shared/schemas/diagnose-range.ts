import { z } from 'zod'
import { timeRange } from './time-range'

/** `POST /api/diagnoses`: of one endpoint, or of all requests of one service. */
export const diagnoseRange = z.strictObject({
  endpoint: z.uuid().optional(),
  service: z.string().trim().min(1).max(200).toLowerCase().optional(),
  ...timeRange,
}).refine(({ endpoint, service }) => (endpoint === undefined) !== (service === undefined), { path: ['service'], message: 'one of endpoint and service' })
export type DiagnoseRange = z.infer<typeof diagnoseRange>
