import { correctClocks, type ClockSkew } from './clock-skew'
import { walkDepthFirst } from './depth-first'
import { createNames } from './names'
import { hasFailed, type SkeletonSpan } from './skeleton-span'
import { linkSpans } from './span-links'
import { CUT, FAILED, MISSING, ORPHAN, SKEWED, spanKinds, type SpanTable } from './span-table'

export interface SpanTree extends SpanTable {
  /** As received, in the order of the table; placeholders included. */
  spans: SkeletonSpan[]
  keys: string[]
  skews: ClockSkew[]
  /** Index into `skews`, -1 where nothing was moved. */
  clock: Int32Array
  duplicates: number
}

const LONGEST = 2 ** 32 - 1

/**
 * The one place where order is made: links, clocks, one sort by start, one walk. Everything after reads the columns
 * from front to back (parents before children) or from back to front (children before parents), without recursion.
 *
 *   a |===========|        depth first:  a b c d
 *   b  |====|              parent:      -1 0 1 0
 *   c   |==|               size:         4 2 1 1
 *   d        |===|
 */
export function buildSpanTree(sent: readonly SkeletonSpan[]): SpanTree {
  const links = linkSpans(sent)
  const { skews, clock } = correctClocks(links)
  const total = links.spans.length
  const starts = Float64Array.from(links.spans, (span, i) => span.start - (skews[clock[i]!]?.ahead ?? 0))
  enclosePlaceholders()

  const order = Uint32Array.from(links.spans.keys()).sort((a, b) => starts[a]! - starts[b]!
    || links.spans[b]!.duration - links.spans[a]!.duration || (links.keys[a]! < links.keys[b]! ? -1 : 1))
  const walked = walkDepthFirst(order, links.parent)

  const base = total ? starts[order[0]!]! : 0
  let last = base
  for (let i = 0; i < total; i++) last = Math.max(last, starts[i]! + links.spans[i]!.duration)
  const tick = Math.max(1, Math.ceil((last - base) / LONGEST))

  const services = createNames()
  const names = createNames()
  const tree: SpanTree = {
    count: total, base, tick, skews, duplicates: links.duplicates, main: -1,
    parent: new Int32Array(total), depth: new Uint32Array(total), size: new Uint32Array(total).fill(1),
    start: new Uint32Array(total), duration: new Uint32Array(total), flags: new Uint16Array(total),
    service: new Uint32Array(total), name: new Uint32Array(total), services: services.list, names: names.list,
    spans: Array.from(walked, i => links.spans[i]!), keys: Array.from(walked, i => links.keys[i]!), clock: new Int32Array(total),
  }
  const placeOf = new Uint32Array(total)
  for (let at = 0; at < total; at++) {
    const i = walked[at]!
    const span = links.spans[i]!
    placeOf[i] = at
    const parent = links.parent[i]! < 0 ? -1 : placeOf[links.parent[i]!]!
    tree.parent[at] = parent
    tree.depth[at] = parent < 0 ? 0 : tree.depth[parent]! + 1
    tree.start[at] = Math.floor((starts[i]! - base) / tick)
    tree.duration[at] = Math.floor((starts[i]! + span.duration - base) / tick) - tree.start[at]!
    tree.service[at] = services.add(span.service)
    tree.name[at] = names.add(span.name)
    tree.clock[at] = clock[i]!
    tree.flags[at] = Math.max(0, spanKinds.indexOf(span.kind)) | (hasFailed(span) ? FAILED : 0) | (clock[i]! >= 0 ? SKEWED : 0)
      | (i >= links.received ? MISSING : 0) | (links.orphans.has(i) ? ORPHAN : 0) | (links.cut.has(i) ? CUT : 0)
  }
  for (let at = total - 1; at > 0; at--) if (tree.parent[at]! >= 0) tree.size[tree.parent[at]!]! += tree.size[at]!
  tree.main = findMain(tree)
  return tree

  /** A placeholder spans what is known of its children, after their clocks were corrected. */
  function enclosePlaceholders() {
    const ends = new Float64Array(total).fill(-Infinity)
    for (let i = links.received; i < total; i++) starts[i] = Infinity
    for (let i = 0; i < links.received; i++) {
      const parent = links.parent[i]!
      if (parent < links.received) continue
      starts[parent] = Math.min(starts[parent]!, starts[i]!)
      ends[parent] = Math.max(ends[parent]!, starts[i]! + links.spans[i]!.duration)
    }
    for (let i = links.received; i < total; i++) links.spans[i] = { ...links.spans[i]!, start: starts[i]!, duration: ends[i]! - starts[i]! }
  }
}

/** The first span nobody called; where it has not arrived, the longest of those whose caller is missing. */
function findMain(tree: SpanTree): number {
  let best = -1
  for (let top = 0; top < tree.count; top += tree.size[top]!) {
    if (!(tree.flags[top]! & (MISSING | ORPHAN | CUT))) return top
    if (!(tree.flags[top]! & MISSING)) consider(top)
    else for (let child = top + 1; child < top + tree.size[top]!; child += tree.size[child]!) consider(child)
  }
  return best

  function consider(span: number) {
    if (best < 0 || tree.duration[span]! > tree.duration[best]!) best = span
  }
}
