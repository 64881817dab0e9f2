import type { Micros } from '../units'
import type { SkeletonSpan } from './skeleton-span'
import { ASYNC, childrenOf, endOf, ON_PATH, withBits, type SpanTable } from './span-table'
import { buildSpanTree } from './span-tree'
import { findWaits } from './waits'

/**
 * What the caller really waited for: walking backwards from the end of the main span, always in the child that ended
 * last before the point reached; what no child explains is the span's own.
 *
 *   root    |======================|
 *   a         |=====|
 *   b           |=======|                ended after a, so a did not decide when root went on
 *   c                     |=====|
 *   path    |rr|r|bbbbbbb|r|ccccc|rr|    charges sum to the root's duration
 *
 * A child is clipped to what its parent waited for: a call given up after 8 s is charged 8 s, whatever the server
 * did afterwards. Some senders write starts in whole milliseconds, so a span may seem to begin just before the one it
 * followed had ended: an overlap of less than a millisecond counts as one after the other. Asynchronous children are never on the path. Each span is entered at most once and its children are
 * sorted by end once: O(n log n), with a stack instead of recursion.
 *
 * Answers the bits to add per span; the charges follow from them, see `pathSegments`.
 */
export function findCriticalPath(table: SpanTable): Uint16Array {
  const bits = new Uint16Array(table.count)
  if (table.main < 0) return bits
  const slack = 1_000 / table.tick
  const stack: { span: number, from: number, to: number }[] = [{ span: table.main, from: table.start[table.main]!, to: endOf(table, table.main) }]
  bits[table.main] = ON_PATH
  for (let at = stack.pop(); at; at = stack.pop()) {
    const { span, from, to } = at
    const children: { span: number, from: number, to: number }[] = []
    for (const child of childrenOf(table, span)) {
      if (table.flags[child]! & ASYNC) continue
      const clipped = { span: child, from: Math.max(from, table.start[child]!), to: Math.min(to, endOf(table, child)) }
      if (clipped.to > clipped.from) children.push(clipped)
    }
    children.sort((a, b) => b.to - a.to || a.from - b.from || a.span - b.span)
    let cursor = to
    for (const child of children) {
      if (child.to > cursor && (child.to - cursor >= slack || child.from >= cursor)) continue
      bits[child.span] = ON_PATH
      stack.push({ ...child, to: Math.min(child.to, cursor) })
      cursor = child.from
    }
  }
  return bits
}

/** When a span on the path may charge: what of it its callers, all on the path too, waited for. */
function windowOf(table: SpanTable, span: number): [from: number, to: number] {
  let from = table.start[span]!
  let to = endOnPath(table, span)
  for (let at = table.parent[span]!; span !== table.main && at >= 0; at = table.parent[at]!) {
    from = Math.max(from, table.start[at]!)
    to = Math.min(to, endOnPath(table, at))
    if (at === table.main) break
  }
  return [from, to]
}

/** Where a span on the path hands over: its end, or the start of the next one on the path where they seem to overlap. */
function endOnPath(table: SpanTable, span: number): number {
  const parent = table.parent[span]!
  if (span === table.main || parent < 0) return endOf(table, span)
  const last = parent + table.size[parent]!
  for (let next = span + table.size[span]!; next < last; next += table.size[next]!) {
    if (table.flags[next]! & ON_PATH) return Math.min(endOf(table, span), table.start[next]!)
  }
  return endOf(table, span)
}

/** The parts of the path that are a span's own: its window without the windows of its children on the path. */
export function pathSegments(table: SpanTable, span: number): [from: number, to: number][] {
  if (!(table.flags[span]! & ON_PATH)) return []
  const [from, to] = windowOf(table, span)
  return between(table, span, from, to)
}

function between(table: SpanTable, span: number, from: number, to: number): [from: number, to: number][] {
  const segments: [number, number][] = []
  let cursor = from
  // Children on the path never overlap, so the order of their starts is the order of their ends.
  for (const child of childrenOf(table, span)) {
    if (!(table.flags[child]! & ON_PATH)) continue
    const start = Math.max(from, table.start[child]!)
    if (start > cursor) segments.push([cursor, start])
    cursor = Math.max(cursor, Math.min(to, endOf(table, child)))
  }
  if (cursor < to) segments.push([cursor, to])
  return segments
}

/** Every segment of the path, once, in the order of the table. */
export function visitPath(table: SpanTable, visit: (span: number, from: number, to: number) => void): void {
  if (table.main < 0) return
  const from = new Uint32Array(table.count)
  const to = new Uint32Array(table.count)
  const last = table.main + table.size[table.main]!
  from[table.main] = table.start[table.main]!
  to[table.main] = endOf(table, table.main)
  for (let span = table.main; span < last; span++) {
    if (!(table.flags[span]! & ON_PATH)) continue
    let before = -1
    for (const child of childrenOf(table, span)) {
      if (!(table.flags[child]! & ON_PATH)) continue
      from[child] = Math.max(table.start[child]!, from[span]!)
      to[child] = Math.min(endOf(table, child), to[span]!)
      if (before >= 0) to[before] = Math.min(to[before]!, table.start[child]!)
      before = child
    }
    for (const [a, b] of between(table, span, from[span]!, to[span]!)) visit(span, a, b)
  }
}

/** Ticks each span is charged on the path; zero off it. Sums to the duration of the main span. */
export function pathCharges(table: SpanTable): Uint32Array {
  const charges = new Uint32Array(table.count)
  visitPath(table, (span, from, to) => {
    charges[span]! += to - from
  })
  return charges
}

export interface PathShare {
  /** Index into the services of the table. */
  service: number
  micros: Micros
  /** Of the main span's duration, 0 to 1. */
  share: number
  /** The span of this service that is charged most. */
  span: number
}

/** The path by service, largest first. */
export function rankPath(table: SpanTable, charges = pathCharges(table)): PathShare[] {
  return sharesOf(table, charges).sort((a, b) => b.micros - a.micros)
}

function sharesOf(table: SpanTable, charges: Uint32Array): PathShare[] {
  const total = table.main < 0 ? 0 : table.duration[table.main]! * table.tick
  const shares = new Map<number, PathShare>()
  for (let span = 0; span < table.count; span++) {
    if (!charges[span]) continue
    const service = table.service[span]!
    let share = shares.get(service)
    if (!share) shares.set(service, share = { service, micros: 0, share: 0, span })
    share.micros += charges[span]! * table.tick
    if (charges[span]! > charges[share.span]!) share.span = span
  }
  for (const share of shares.values()) share.share = share.micros / total
  return [...shares.values()]
}

/** For trace summaries: the critical path by service, in order of first appearance; sums to the root's duration. */
export function criticalPathByService(spans: readonly SkeletonSpan[]): { service: string, micros: Micros }[] {
  const tree = buildSpanTree(spans)
  const waits = withBits(tree, findWaits(tree))
  const table = withBits(waits, findCriticalPath(waits))
  return sharesOf(table, pathCharges(table)).map(({ service, micros }) => ({ service: table.services[service]!, micros }))
}
