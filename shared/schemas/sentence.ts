import { z } from 'zod'
import type { Sentence } from '../text/text'

const figure = z.union([
  z.object({ micros: z.number() }), z.object({ ratio: z.number() }), z.object({ times: z.number() }), z.object({ bytes: z.number() }),
  z.object({ at: z.string(), precision: z.enum(['minute', 'second', 'ms']).optional() }), z.object({ day: z.string() }),
  z.object({ time: z.string() }), z.object({ ko: z.string(), en: z.string() }),
])
const plain = z.union([z.string(), z.number(), z.null(), figure])

/** Code and parameters of a text of the catalogue: the reader's language is known where it is shown. */
export const sentence = z.object({
  code: z.string(),
  params: z.record(z.string(), z.union([plain, z.object({ text: z.string(), params: z.record(z.string(), plain).optional() })])).optional(),
}).meta({ id: 'Sentence' }) as unknown as z.ZodType<Sentence, Sentence>

