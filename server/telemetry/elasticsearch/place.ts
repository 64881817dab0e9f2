import { z } from 'zod'

/**
 * Where a page ended, so that the next one goes on whatever happened meanwhile: the last line's time and sequence
 * number, and the lines that share both (an index has one of a kind, several may have the same). It does not rest on a
 * point in time, so one that ran out loses nothing.
 */
const place = z.object({
  time: z.string().regex(/^\d{4,5}-\d{2}-\d{2}T[\d:.]+Z$/).max(40),
  sequence: z.int(),
  /** Ids of documents. */
  seen: z.array(z.string().max(512)).max(100),
  /** The point in time that the pages before were read from. */
  point: z.string().regex(/^[\w-]{1,40}$/).optional(),
})
export type Place = z.infer<typeof place>

export function writePlace(value: Place): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** Undefined for anything that we did not write. */
export function readPlace(cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return undefined
  return place.safeParse(parse(cursor)).data
}

const lineId = z.tuple([z.string().min(1).max(255), z.string().min(1).max(512)])

export function writeLineId(index: string, id: string): string {
  return Buffer.from(JSON.stringify([index, id])).toString('base64url')
}

export function readLineId(id: string): { index: string, id: string } | undefined {
  const found = lineId.safeParse(parse(id)).data
  return found && { index: found[0], id: found[1] }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  }
  catch {
    return undefined
  }
}
