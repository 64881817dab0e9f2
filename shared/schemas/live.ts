import { z } from 'zod'

/** A browser cannot set a header on its first try: who takes over from another tab names the last event here. */
export const streamQuery = z.strictObject({ last: z.string().max(64).optional() })
