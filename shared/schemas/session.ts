import { z } from 'zod'

export const credentials = z.strictObject({
  email: z.string().min(1).max(254),
  password: z.string().min(1).max(128),
})
