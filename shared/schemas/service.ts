import { z } from 'zod'
import { milliseconds } from './endpoint'

export const serviceParams = z.strictObject({ name: z.string().min(1).max(200).toLowerCase() })

export const updateService = z.strictObject({
  ownerTeam: z.string().trim().max(80).regex(/^[^\p{Cc}]*$/u).optional(),
  contact: z.string().trim().max(200).regex(/^[^\p{Cc}]*$/u).optional(),
  /** p95 in ms above which its endpoints without an objective are degraded; null for the product's 2 s. */
  latencyThreshold: milliseconds.nullable().optional(),
})
export type UpdateService = z.infer<typeof updateService>

export const service = z.object({
  name: z.string(),
  display: z.string(),
  namespace: z.string().nullable(),
  /** 1 to 12 of the palette. */
  colour: z.int(),
  ownerTeam: z.string(),
  contact: z.string(),
  latencyThreshold: z.int().nullable(),
  firstSeen: z.iso.datetime().nullable(),
  /** Registered and not retired. */
  endpoints: z.int(),
}).meta({ id: 'Service' })
export type Service = z.infer<typeof service>

export const services = z.object({ services: z.array(service) })
