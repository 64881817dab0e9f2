/** Who asks: people who look at pages, or rounds of our own, which must not be kept out by them. */
export type Lane = 'people' | 'rounds'

export class BulkheadFull extends Error {}

interface Waiting {
  enter: () => void
  signal: AbortSignal
}

/** Bounds the calls under way in each lane, and those that wait; the answer of `enter` leaves again. */
export function createBulkhead({ most, mostWaiting }: { most: Record<Lane, number>, mostWaiting: number }) {
  const running: Record<Lane, number> = { people: 0, rounds: 0 }
  const queues: Record<Lane, Waiting[]> = { people: [], rounds: [] }

  function leave(lane: Lane) {
    const next = queues[lane].shift()
    if (next) next.enter()
    else running[lane]--
  }

  return {
    /** Whether who comes now has to wait. */
    isFull: (lane: Lane) => running[lane] >= most[lane],

    async enter(lane: Lane, signal: AbortSignal): Promise<() => void> {
      signal.throwIfAborted()
      if (running[lane] < most[lane]) running[lane]++
      else if (queues[lane].length >= mostWaiting) throw new BulkheadFull()
      else await wait(queues[lane], signal)
      let left = false
      return () => {
        if (!left) leave(lane)
        left = true
      }
    },
  }
}

function wait(queue: Waiting[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const entry: Waiting = { signal, enter: () => {
      signal.removeEventListener('abort', giveUp)
      resolve()
    } }
    function giveUp() {
      queue.splice(queue.indexOf(entry), 1)
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', giveUp, { once: true })
    queue.push(entry)
  })
}
