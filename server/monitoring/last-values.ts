import type { Clock } from '#server/clock'
import { impatiently, isImpatient, patiently } from '#server/patience'
import { SECOND, type Millis } from '#shared/units'

/** How long an answer is given that lacks a part, ms. */
const moment = SECOND

interface Held<T> {
  value: T
  at: Date
  askedAt: number
}

export interface LastValue<T> {
  value: T
  /** When it was read. */
  at: Date
}

/**
 * The last answer to each question, with its age: given at once, and read anew behind it once it is no longer fresh.
 * However many ask, a question goes to the source once at a time. An answer that nobody asked for in a while is too
 * old to be given. An answer is frozen, which tells who sends it that it is shared.
 */
export function createLastValues<T>({ clock, fresh = 5 * SECOND, usable = 20 * SECOND, most = 200, lacks = () => false }: {
  clock: Clock, fresh?: Millis, usable?: Millis, most?: number
  /** Whether an answer lacks what a source did not give: it is given for a moment only, since that may be there again. */
  lacks?: (value: T) => boolean
}) {
  const held = new Map<string, Held<T>>()
  const reading = new Map<string, Promise<LastValue<T>>>()

  function read(key: string, load: () => Promise<T>): Promise<LastValue<T>> {
    const under = reading.get(key)
    if (under) return under
    const at = clock.now()
    const isCurrent = () => reading.get(key) === promise
    const promise: Promise<LastValue<T>> = load().then((loaded) => {
      const value = Object.freeze(loaded)
      // What was made in haste is for who was in a hurry; the next one asks for the whole.
      if (isCurrent() && !isImpatient()) hold(key, value, at)
      return { value, at }
    }).finally(() => isCurrent() && reading.delete(key))
    reading.set(key, promise)
    return promise
  }

  /**
   * Somebody else may have asked who has all the time there is. Who has not asks for himself once his patience is at
   * its end, and is given what there is of it at once.
   */
  async function readImpatiently(key: string, load: () => Promise<T>): Promise<LastValue<T>> {
    const own = !reading.has(key)
    const answer = read(key, load)
    if (own) return answer
    const tooSlow = new Error('too slow')
    return impatiently(() => answer, () => tooSlow).catch(async (error: unknown) => {
      if (error !== tooSlow) throw error
      return { value: await load(), at: clock.now() }
    })
  }

  function hold(key: string, value: T, at: Date) {
    held.delete(key)
    held.set(key, { value, at, askedAt: clock.monotonic() })
    if (held.size > most) held.delete(held.keys().next().value!)
  }

  return {
    async get(key: string, load: () => Promise<T>): Promise<LastValue<T>> {
      const last = held.get(key)
      if (!last) return readImpatiently(key, load)
      last.askedAt = clock.monotonic()
      const age = clock.now().getTime() - last.at.getTime()
      if (age >= usable || (age >= moment && lacks(last.value))) return readImpatiently(key, load)
      // Behind the reader's back: who fails here is asked again by the next one.
      if (age >= fresh) patiently(() => read(key, load)).catch(() => {})
      return { value: last.value, at: last.at }
    },

    /** Read elsewhere just now: what is being read meanwhile is older. */
    put(key: string, value: T): void {
      reading.delete(key)
      hold(key, Object.freeze(value), clock.now())
    },

    /** Reads what was asked for within `recently`, so that who is told of news finds them. */
    async renew(recently: Millis, load: (key: string) => () => Promise<T>): Promise<void> {
      const wanted = [...held].filter(([, { askedAt }]) => clock.monotonic() - askedAt < recently)
      await Promise.allSettled(wanted.map(async ([key, { askedAt }]) => {
        await read(key, load(key))
        const renewed = held.get(key)
        if (renewed) renewed.askedAt = askedAt
      }))
    },
  }
}
