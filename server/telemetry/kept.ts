import type { Clock } from '#server/clock'
import type { Millis } from '#shared/units'

/** Answers that stay good for a while, by question; one that failed is not kept. How long `good` is may change. */
export function createKept<T>({ clock, good, most = 200 }: { clock: Clock, good: Millis | (() => Millis), most?: number }) {
  const lasts = typeof good === 'function' ? good : () => good
  const held = new Map<string, { answer: Promise<T>, at: Millis }>()

  return (key: string, ask: () => Promise<T>): Promise<T> => {
    const last = held.get(key)
    if (last && clock.monotonic() - last.at < lasts()) return last.answer
    const answer = ask()
    held.delete(key)
    held.set(key, { answer, at: clock.monotonic() })
    answer.catch(() => held.get(key)?.answer === answer && held.delete(key))
    if (held.size > most) held.delete(held.keys().next().value!)
    return answer
  }
}
