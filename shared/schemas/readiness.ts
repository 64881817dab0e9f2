import { z } from 'zod'
import { sourceHealth } from './status'

/** Told to everyone, so it names no address and no reason. */
export const readiness = z.object({
  status: z.literal('ready'),
  sources: z.array(sourceHealth.pick({ signal: true, source: true, state: true, lastReceived: true })),
})
