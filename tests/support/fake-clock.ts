import type { Clock } from '../../server/clock'

export interface FakeClock extends Clock {
  /** Moves time on by `ms`, running what falls due, in order. */
  advance: (ms: number) => void
}

export function createFakeClock(start = new Date('2026-11-23T05:32:10Z')): FakeClock {
  let time = start.getTime()
  const due: { at: number, every?: number, run: () => void }[] = []
  const add = (entry: (typeof due)[number]) => {
    due.push(entry)
    return () => void due.splice(due.indexOf(entry), due.includes(entry) ? 1 : 0)
  }
  return {
    now: () => new Date(time),
    monotonic: () => time - start.getTime(),
    at: (when, run) => add({ at: when.getTime(), run }),
    every: (interval, run) => add({ at: time + interval, every: interval, run }),
    advance(ms) {
      const end = time + ms
      for (;;) {
        const next = due.filter(entry => entry.at <= end).sort((a, b) => a.at - b.at)[0]
        if (!next) break
        time = Math.max(time, next.at)
        if (next.every === undefined) due.splice(due.indexOf(next), 1)
        else next.at += next.every
        next.run()
      }
      time = end
    },
  }
}
