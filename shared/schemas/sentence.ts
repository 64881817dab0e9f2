import { z } from 'zod'
import type { Sentence } from '../text/text'

const figure = z.union([
  z.object({ micros: z.number() }), z.object({ ratio: z.number() }), z.object({ times: z.number() }), z.object({ bytes: z.number() }),
  z.object({ at: z.string(), precision: z.enum(['minute', 'second', 'ms']).optional() }), z.object({ day: z.string() }),
  z.object({ time: z.string() }), z.object({ ko: z.string(), en: z.string() }),
])
const plain = z.union([z.string(), z.number(), z.null(), figure])
/** A sentence within a sentence, and one within that: a title names a place and a reason, which have parameters of their own. */
const filled = <T extends z.ZodType>(inner: T) => z.union([plain, z.object({ text: z.string(), params: z.record(z.string(), inner).optional() })])

/** Code and parameters of a text of the catalogue: the reader's language is known where it is shown. */
export const sentence = z.object({
  code: z.string(),
  params: z.record(z.string(), filled(filled(filled(plain)))).optional(),
}).meta({ id: 'Sentence' }) as unknown as z.ZodType<Sentence, Sentence>
