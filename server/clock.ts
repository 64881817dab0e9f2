/** The only time the server knows; replay and tests bring their own. */
export interface Clock {
  /** Wall clock. */
  now: () => Date
  /** Milliseconds that never jump, for durations. */
  monotonic: () => number
  /** Runs once at a time of the wall clock; the answer cancels. */
  at: (time: Date, run: () => void) => () => void
  /** Runs again and again, first after one interval (ms); the answer ends it. Does not keep the process alive. */
  every: (interval: number, run: () => void) => () => void
}

export function createSystemClock(): Clock {
  return {
    now: () => new Date(),
    monotonic: () => performance.now(),
    at(time, run) {
      const timer = setTimeout(run, Math.max(0, time.getTime() - Date.now()))
      timer.unref()
      return () => clearTimeout(timer)
    },
    every(interval, run) {
      const timer = setInterval(run, interval)
      timer.unref()
      return () => clearInterval(timer)
    },
  }
}
