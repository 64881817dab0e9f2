import type { Micros } from '../units'
import type { SpanKind } from './span'

export const spanKinds: readonly SpanKind[] = ['internal', 'server', 'client', 'producer', 'consumer']

/** Bits of `SpanTable.flags`; the lowest three hold the index into `spanKinds`. */
export const KIND = 0b111
/** Answered 500 or more, or status ERROR without an HTTP status. */
export const FAILED = 1 << 3
/** Failed without a failure below that explains it. Failed and not this: the error came from below. */
export const OWN_ERROR = 1 << 4
/** First failing span in time and depth. At most one. */
export const ORIGIN = 1 << 5
/** From the origin up to its root. */
export const ON_ERROR_CHAIN = 1 << 6
/** Failed, and a later attempt of the same call did not. */
export const RETRIED = 1 << 7
export const ON_PATH = 1 << 8
/** Its parent does not wait for it. */
export const ASYNC = 1 << 9
/** Its parent gave up on it, or on a span above it, before it ended. */
export const ABANDONED = 1 << 10
/** Its parent is not in the trace. */
export const ORPHAN = 1 << 11
/** Stands for a parent that is not in the trace; has no service and no name. */
export const MISSING = 1 << 12
/** Its times were moved to undo a clock's skew. */
export const SKEWED = 1 << 13
/** It was cut out of a circle of parents. */
export const CUT = 1 << 14

/**
 * A trace as columns, depth first, siblings by start: the form every analysis reads, on the server while packing and
 * in the browser straight from the packed bytes. A subtree is a range: `i` to `i + size[i]`. Times are whole ticks
 * from `base`; a tick is 1 µs unless the trace is longer than 71 minutes.
 */
export interface SpanTable {
  count: number
  /** Start of the earliest span, microseconds since the epoch. */
  base: Micros
  tick: Micros
  /** Index of the parent, -1 at the top. */
  parent: Int32Array
  depth: Uint32Array
  /** Spans of the subtree, itself included. */
  size: Uint32Array
  start: Uint32Array
  duration: Uint32Array
  flags: Uint16Array
  service: Uint8Array | Uint16Array | Uint32Array
  name: Uint8Array | Uint16Array | Uint32Array
  services: string[]
  names: string[]
  /** The request that the trace is about: where critical path and verdict begin; -1 in an empty trace. */
  main: number
}

export function kindOf(table: SpanTable, span: number): SpanKind {
  return spanKinds[table.flags[span]! & KIND]!
}

export function endOf(table: SpanTable, span: number): number {
  return table.start[span]! + table.duration[span]!
}

/** Direct children in order of start: each subtree is skipped by its size. */
export function* childrenOf(table: SpanTable, span: number): Generator<number> {
  const end = span + table.size[span]!
  for (let child = span + 1; child < end; child += table.size[child]!) yield child
}

/** The same table with what an analysis found added to its flags. */
export function withBits<T extends SpanTable>(table: T, bits: Uint16Array): T {
  return { ...table, flags: table.flags.map((flags, span) => flags | bits[span]!) }
}
