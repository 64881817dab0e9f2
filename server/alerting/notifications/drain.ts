import type { Clock } from '#server/clock'
import type { Sentence } from '#shared/text/text'
import { SECOND, type Millis } from '#shared/units'
import type { Outcome } from './outcome'
import type { MessageRow, Queue } from './queue'
import type { Sending } from './send'
import type { FindTarget } from './targets'

export interface DrainOptions {
  clock: Clock
  queue: Queue
  findTarget: FindTarget
  send: (sending: Sending) => Promise<Outcome>
  /** Whether this process is the one that sends: two would send everything twice. */
  mayRun: () => boolean
  /** Told after every try. */
  onTried: () => void
  onTrouble: (error: unknown) => void
}

/** How many destinations are served at once. */
const lanes = 32
/** How long the end of the process waits for what is on its way, ms. */
const patience: Millis = 5 * SECOND
/** How often a result is tried to be written down, 200 ms apart. */
const insistence = 50
const dropped: Sentence = { code: 'notifications.answer.dropped' }
const unexpected: Outcome = { result: 'later', answer: { code: 'notifications.answer.unexpected' } }

/** Sends what is owed: each destination in order, all of them at the same time, so that a slow one delays nobody else. */
export function createDrain({ clock, queue, findTarget, send, mayRun, onTried, onTrouble }: DrainOptions) {
  const served = new Map<string, Promise<void>>()
  let stopped = false
  const open = () => !stopped && mayRun()

  function round(): void {
    try {
      if (!open()) return
      for (const destination of queue.destinations()) {
        if (served.size >= lanes) return
        const message = served.has(destination) ? undefined : queue.claimNext(destination)
        if (message) served.set(destination, serve(message).catch(onTrouble).finally(() => served.delete(destination)))
      }
    }
    catch (error) {
      onTrouble(error)
    }
  }

  async function serve(first: MessageRow): Promise<void> {
    for (let message: MessageRow | undefined = first; message; message = open() ? queue.claimNext(first.destination) : undefined) await attempt(message)
  }

  /** One try. `once`: for what nobody waits for, such as a test; it is not tried again. */
  async function attempt(message: MessageRow, options: { once?: boolean } = {}): Promise<Outcome> {
    const target = findTarget(message, clock.now())
    if (!target) {
      queue.drop(message, dropped)
      onTried()
      return { result: 'never', answer: dropped }
    }
    const began = clock.monotonic()
    let outcome = unexpected
    try {
      outcome = await send({ id: message.id, notices: queue.noticesOf(message.id), target })
    }
    catch (error) {
      onTrouble(error)
    }
    const took = clock.monotonic() - began
    await insist(() => queue.record(message, outcome, took, options))
    onTried()
    return outcome
  }

  /** The file may be locked for a moment; what was sent and not written down would be sent again. */
  async function insist(write: () => unknown): Promise<void> {
    for (let left = insistence; ; left--) {
      try {
        write()
        return
      }
      catch (error) {
        if (left === 0) throw error
        await new Promise<void>(resolve => void clock.at(new Date(clock.now().getTime() + 200), resolve))
      }
    }
  }

  return {
    attempt,
    /** Looks once a second; the answer ends it. */
    start: (): (() => void) => clock.every(SECOND, round),
    round,
    /** Resolves when nothing is on its way any more, or after a while. */
    async close(): Promise<void> {
      stopped = true
      let cancel = () => {}
      const enough = new Promise<void>((resolve) => {
        cancel = clock.at(new Date(clock.now().getTime() + patience), resolve)
      })
      await Promise.race([Promise.all(served.values()), enough])
      cancel()
    },
  }
}
