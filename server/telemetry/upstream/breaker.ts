import type { Clock } from '#server/clock'
import { SECOND, type Millis } from '#shared/units'

const mostInARow = 5
const window = 30 * SECOND
const leastCalls = 20
/** While open. A backend that is back is found, and used again, well within ten seconds. */
const probeEvery = 2 * SECOND
/** As long as a backend may ask us to stay away. */
const longestPause = 60 * SECOND

/**
 * Spares a backend in trouble its callers, and the callers their waiting. It opens after five failures in a row, or
 * when half of twenty calls within 30 s failed; then nobody's call goes through, and a probe of our own is sent again
 * and again until one succeeds.
 */
export function createBreaker({ clock, probe }: { clock: Clock, probe: () => Promise<boolean> }) {
  let calls: { at: Millis, failed: boolean }[] = []
  let inARow = 0
  let opened: Date | undefined
  let until = 0
  let stop = () => {}

  function open(pause: Millis = probeEvery) {
    opened ??= clock.now()
    const wait = Math.min(Math.max(pause, probeEvery), longestPause)
    until = clock.monotonic() + wait
    stop()
    stop = clock.at(new Date(clock.now().getTime() + wait), () => void ask())
  }

  async function ask() {
    if (await probe()) close()
    else if (opened) open()
  }

  function close() {
    stop()
    opened = undefined
    calls = []
    inARow = 0
  }

  function note(failed: boolean) {
    const now = clock.monotonic()
    calls.push({ at: now, failed })
    while (calls[0]!.at < now - window) calls.shift()
    inARow = failed ? inARow + 1 : 0
  }

  return {
    /** Since when; undefined while calls go through. */
    get opened() { return opened },
    /** How long until the backend is probed, ms. */
    get wait(): Millis { return Math.max(0, until - clock.monotonic()) },

    /** One success is proof enough. */
    succeed() {
      if (opened) close()
      note(false)
    },

    /** `pause`: for how long the backend itself asked to be left alone. */
    fail(pause?: Millis) {
      note(true)
      const failed = calls.filter(call => call.failed).length
      if (pause !== undefined || inARow >= mostInARow || (calls.length >= leastCalls && failed * 2 >= calls.length)) open(pause)
    },

    end: () => stop(),
  }
}
