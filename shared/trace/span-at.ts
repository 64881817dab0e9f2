import type { Micros } from '../units'
import type { Skeleton } from './skeleton'

/**
 * The span that began at a moment, microseconds since the epoch, as its sender's clock told it; of several the one
 * furthest down. Within a tick of it, else -1.
 */
export function spanAt(trace: Pick<Skeleton, 'base' | 'tick' | 'count' | 'start' | 'skewOf'>, at: Micros): number {
  let best = -1
  let nearest = 2 * trace.tick
  for (let span = 0; span < trace.count; span++) {
    const away = Math.abs(trace.base + trace.start[span]! * trace.tick + (trace.skewOf(span)?.ahead ?? 0) - at)
    if (away > nearest) continue
    nearest = away
    best = span
  }
  return best
}
