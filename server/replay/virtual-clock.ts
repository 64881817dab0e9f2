import type { Clock } from '#server/clock'

export interface VirtualClock extends Clock {
  /**
   * Moves time on, running what falls due, in order; whatever that begins has ended before time goes on. It must wait
   * for nothing but this clock and what is at hand in this thread.
   */
  advanceTo: (time: Date) => Promise<void>
  /** Moves time on over a gap: what fell due in it runs once, at its end. */
  jumpTo: (time: Date) => Promise<void>
}

interface Due {
  at: number
  every?: number
  run: () => void
}

/** Time as a recording tells it. */
export function createVirtualClock(start: Date): VirtualClock {
  let time = start.getTime()
  const due = new Set<Due>()
  const add = (entry: Due) => {
    due.add(entry)
    return () => void due.delete(entry)
  }

  function next(until: number): Due | undefined {
    let first: Due | undefined
    for (const entry of due) if (entry.at <= until && (!first || entry.at < first.at)) first = entry
    return first
  }

  async function advance(until: number) {
    for (let entry = next(until); entry; entry = next(until)) {
      time = Math.max(time, entry.at)
      if (entry.every === undefined) due.delete(entry)
      else entry.at = time + entry.every
      entry.run()
      await settled()
    }
    time = Math.max(time, until)
  }

  return {
    now: () => new Date(time),
    monotonic: () => time - start.getTime(),
    at: (when, run) => add({ at: when.getTime(), run }),
    every: (interval, run) => add({ at: time + interval, every: interval, run }),
    advanceTo: until => advance(until.getTime()),
    async jumpTo(to) {
      for (const entry of due) entry.at = Math.max(entry.at, to.getTime())
      await advance(to.getTime())
    },
  }
}

/** Every promise that could be kept has been, and what followed from it; whoever gave way to others has come to an end. */
async function settled(): Promise<void> {
  do await new Promise(resolve => setImmediate(resolve))
  while (process.getActiveResourcesInfo().includes('Immediate'))
}
