import type { Cube, Contribution } from '../rollup/cube'
import { UNKNOWN_CONSUMER, type Dictionary, type Route } from '../store/dictionary'
import type { SpanIds } from './span-ids'

/** A request without a consumer waits this long for one to be found, ms. */
const patience = 10_000
const tracesHeld = 50_000

/** A request counted under "unknown". */
interface Waiting {
  serviceId: number
  parentHigh: number
  parentLow: number
  route: Route
  statusClass: number
  what: Contribution
}

interface LiveTrace {
  hash: number
  since: number
  /** Service and consumer in turns: who asked, as far as that service's part of the trace is concerned. */
  named: number[]
  waiting: Waiting[]
}

/**
 * Who made a request: named on its server span, else on any span of the same trace and service, else handed down from
 * the caller. The name may come later than the request, in another batch; then the count is moved. Whoever is not
 * found within ten seconds stays "unknown".
 */
export class Consumers {
  private live = new Map<number, LiveTrace>()
  private dictionary: Dictionary
  private cube: Cube
  private spanIds: SpanIds

  constructor({ dictionary, cube, spanIds }: { dictionary: Dictionary, cube: Cube, spanIds: SpanIds }) {
    this.dictionary = dictionary
    this.cube = cube
    this.spanIds = spanIds
  }

  /** A span of the service named the consumer. The first name counts. */
  name(trace: number, serviceId: number, consumerId: number, now: number): void {
    const live = this.trace(trace, now)
    if (find(live.named, serviceId) === undefined) live.named.push(serviceId, consumerId)
  }

  /** Whom the trace's other spans name for a service, if anybody; asked after all spans of a batch had their say. */
  of(trace: number, serviceId: number, parentHigh: number, parentLow: number): number {
    const live = this.live.get(trace)
    return live ? this.resolve(live, serviceId, parentHigh, parentLow) : UNKNOWN_CONSUMER
  }

  /** Counted as unknown; to be moved when somebody is found. */
  wait(trace: number, waiting: Waiting, now: number): void {
    this.trace(trace, now).waiting.push(waiting)
  }

  /** Moves what can be moved now that a batch has brought spans of the trace. */
  settle(trace: number): void {
    const live = this.live.get(trace)
    if (!live || live.waiting.length === 0 || live.named.length === 0) return
    for (let moved = true; moved;) {
      moved = false
      live.waiting = live.waiting.filter((waiting) => {
        const consumer = this.resolve(live, waiting.serviceId, waiting.parentHigh, waiting.parentLow)
        if (consumer === UNKNOWN_CONSUMER) return true
        moved = true
        this.cube.subtract(this.dictionary.requestKey(waiting.route, UNKNOWN_CONSUMER, waiting.statusClass), waiting.what)
        this.cube.add(this.dictionary.requestKey(waiting.route, consumer, waiting.statusClass), waiting.what)
        return false
      })
    }
  }

  forget(now: number): void {
    // In the order they began in.
    for (const [hash, { since }] of this.live) {
      if (now - since < patience && this.live.size <= tracesHeld) break
      this.live.delete(hash)
    }
  }

  /** Own name, else the caller's; what is handed down can be handed on. */
  private resolve(live: LiveTrace, serviceId: number, parentHigh: number, parentLow: number): number {
    const own = find(live.named, serviceId)
    if (own !== undefined) return own
    if (parentHigh === 0 && parentLow === 0) return UNKNOWN_CONSUMER
    const caller = this.spanIds.serviceOf(live.hash, parentHigh, parentLow)
    const handed = caller === 0 ? undefined : find(live.named, caller)
    if (handed === undefined) return UNKNOWN_CONSUMER
    live.named.push(serviceId, handed)
    return handed
  }

  private trace(hash: number, now: number): LiveTrace {
    let live = this.live.get(hash)
    if (!live) this.live.set(hash, live = { hash, since: now, named: [], waiting: [] })
    return live
  }
}

function find(named: readonly number[], serviceId: number): number | undefined {
  for (let at = 0; at < named.length; at += 2) if (named[at] === serviceId) return named[at + 1]
  return undefined
}
