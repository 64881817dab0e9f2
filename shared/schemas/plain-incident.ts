import { z } from 'zod'
import { states } from '../status/state'
import { affectedEndpoint, bothLanguages, repeat, squares, told } from './incident'
import { sentence } from './sentence'

const at = z.iso.datetime()

/** What somebody said to the outside, or happened that the outside may know. */
export const publicUpdate = z.object({
  id: z.string(),
  at,
  /** Of what happened by itself, and of being told. */
  sentence: sentence.nullable(),
  /** As typed; empty in a language in which nothing was written. */
  text: bothLanguages.nullable(),
  by: z.string().nullable(),
})

export const plainConsumer = z.object({
  id: z.string(),
  name: z.string(),
  contact: z.string(),
  failed: z.number(),
  /** Null where the source cannot tell. */
  slow: z.number().nullable(),
  total: z.number(),
  firstAt: at.nullable(),
  lastAt: at.nullable(),
  told,
})
export type PlainConsumer = z.infer<typeof plainConsumer>

/** The incident in words: no internals, no names of services. */
export const plainIncident = z.object({
  endpoints: z.array(affectedEndpoint),
  headline: sentence,
  /** "since 2:18 pm, for 14 minutes, not solved yet". */
  since: sentence,
  squares: squares.nullable(),
  /** What is behind it, in plain words. */
  cause: sentence,
  confidence: sentence.nullable(),
  /** What is being done. */
  doing: sentence,
  consumers: z.array(plainConsumer),
  /** Requests whose sender nobody knows. */
  unknown: z.object({ failed: z.number(), slow: z.number().nullable(), total: z.number() }),
  /** Other functions and how they are. */
  others: z.array(affectedEndpoint.extend({ state: z.enum(states), since: at.nullable() })),
  /** All requests of the affected functions by step; empty where nothing can be counted any more. */
  requests: z.object({
    from: at,
    /** ms. */
    step: z.int(),
    ok: z.array(z.number().nullable()),
    failed: z.array(z.number().nullable()),
    /** When the picture was kept; null while it is live. */
    keptAt: at.nullable(),
  }),
  repeat,
  /** Questions with their answers, to be read out. */
  answers: z.array(z.object({ question: sentence, answer: sentence })),
  /** What to tell partners, made from the facts of this moment. */
  partnerText: bothLanguages.extend({ at }),
  nextUpdateAt: at.nullable(),
  /** What was reported to operations, newest first; empty for who only reads. */
  reports: z.array(z.object({ id: z.string(), at, text: z.string(), by: z.string() })),
  /** Newest first. */
  updates: z.array(publicUpdate),
}).meta({ id: 'PlainIncident' })
export type PlainIncident = z.infer<typeof plainIncident>
