import type { Clock } from '#server/clock'
import type { Millis } from '#shared/units'

class OutOfTime extends Error {}

/** What is not there in time is left out; what the asker's own signal ends, or goes wrong, is thrown. */
export function limitTime(clock: Clock, length: Millis, asker: AbortSignal | undefined) {
  const over = new AbortController()
  const end = clock.at(new Date(clock.now().getTime() + length), () => over.abort(new OutOfTime()))
  return {
    signal: asker ? AbortSignal.any([over.signal, asker]) : over.signal,
    end,
    async within<T>(work: () => Promise<T>): Promise<T | undefined> {
      if (over.signal.aborted) return undefined
      try {
        return await work()
      }
      catch (error) {
        if (error instanceof OutOfTime) return undefined
        throw error
      }
    },
  }
}
