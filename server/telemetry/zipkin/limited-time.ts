import type { Clock } from '#server/clock'
import { SECOND, type Millis } from '#shared/units'
import { reasonOf } from '../upstream/upstream'

class OutOfTime extends Error {}

export interface TimeLimit {
  usual: Millis
  /** Where there is not enough by then. */
  longest: Millis
  isEnough: () => boolean
}

const lookAgain: Millis = SECOND

/** What is not there in time is left out; what the asker's own signal ends, or goes wrong, is thrown. */
export function limitTime(clock: Clock, { usual, longest, isEnough }: TimeLimit, asker: AbortSignal | undefined) {
  const over = new AbortController()
  const underWay = new Set<Promise<unknown>>()
  let cancel = () => {}
  function wait(from: Millis, to: Millis) {
    cancel = clock.at(new Date(clock.now().getTime() + to - from), () => (to >= longest || isEnough() ? over.abort(new OutOfTime()) : wait(to, Math.min(longest, to + lookAgain))))
  }
  wait(0, usual)
  return {
    signal: asker ? AbortSignal.any([over.signal, asker]) : over.signal,
    /** Ends what is still under way where some of it went wrong; done once it has ended. */
    async end(): Promise<void> {
      cancel()
      over.abort(new OutOfTime())
      await Promise.allSettled(underWay)
    },
    async within<T>(work: () => Promise<T>): Promise<T | undefined> {
      if (over.signal.aborted) return undefined
      const working = work()
      underWay.add(working)
      try {
        return await working
      }
      catch (error) {
        if (error instanceof OutOfTime || reasonOf(error) === 'timeout') return undefined
        throw error
      }
      finally {
        underWay.delete(working)
      }
    },
  }
}
