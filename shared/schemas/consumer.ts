import { z } from 'zod'
import { methods } from './endpoint'
import { answeredWindow, population, sourceWarning, timeRange } from './time-range'

export const consumerId = z.string().min(1).max(200).regex(/^[^\p{Cc}]+$/u)
export const consumerParams = z.strictObject({ id: consumerId })
export const consumerQuery = z.strictObject({ ...timeRange })

export const updateConsumer = z.strictObject({
  name: z.string().trim().max(120).regex(/^[^\p{Cc}]*$/u).optional(),
  contact: z.string().trim().max(200).regex(/^[^\p{Cc}]*$/u).optional(),
  note: z.string().trim().max(2_000).regex(/^(?:[^\p{Cc}]|[\n\r\t])*$/u).optional(),
})
export type UpdateConsumer = z.infer<typeof updateConsumer>

export const consumer = z.object({
  /** What its requests carry as `api.client.id`. */
  id: z.string(),
  name: z.string(),
  contact: z.string(),
  note: z.string(),
  firstSeen: z.iso.datetime().nullable(),
}).meta({ id: 'Consumer' })
export type Consumer = z.infer<typeof consumer>

const figures = {
  requests: z.number(),
  failed: z.number(),
  clientErrors: z.number(),
}

export const listedConsumers = z.object({
  consumers: z.array(consumer.extend({
    ...figures,
    /** Registered endpoints it called within the window. */
    endpoints: z.int(),
  })),
  /** Requests to registered endpoints of which nobody could say who sent them. */
  unknown: z.object(figures),
  window: answeredWindow,
  population,
  warnings: z.array(sourceWarning),
})

export const consumerDetail = z.object({
  consumer,
  calls: z.array(z.object({
    service: z.string(),
    method: z.string(),
    routeKey: z.string(),
    /** Absent where nothing is registered on this route. */
    endpoint: z.object({ id: z.string(), method: z.enum(methods), template: z.string(), nameKo: z.string(), nameEn: z.string() }).nullable(),
    ...figures,
    /** µs. */
    p50: z.number().nullable(),
    p95: z.number().nullable(),
  })),
  window: answeredWindow,
  population,
  warnings: z.array(sourceWarning),
})

export const endpointConsumersQuery = consumerQuery
export const endpointConsumers = z.object({
  consumers: z.array(z.object({
    id: z.string(),
    name: z.string(),
    ...figures,
    /** µs. */
    p50: z.number().nullable(),
    p95: z.number().nullable(),
  })),
  /** Requests of which nobody could say who sent them. */
  unknown: z.object(figures),
  window: answeredWindow,
  population,
  warnings: z.array(sourceWarning),
})
