import { ASYNC, childrenOf, endOf, FAILED, kindOf, KIND, MISSING, ON_ERROR_CHAIN, ORIGIN, OWN_ERROR, RETRIED, type SpanTable } from './span-table'

/**
 * Where an error began. A failed span whose failure is explained by a failed child only hands it on; the others
 * failed by themselves, and of those the first in time, then the deepest, is the origin.
 *
 *   gateway   x |===================|      below
 *   call      x   |===============|        below
 *   service   x    |=============|         below
 *   try 1     x     |==|                   retried: the same call went well later, so it explains nothing
 *   try 2              |==|
 *   db        x            |=====|         own, origin; the chain leads from here to the gateway
 *
 * INTERNAL spans often do not say that they failed: an error below one goes on to what is above it. Where the
 * request went well, the origin is that of the first error it survived.
 *
 * Answers the bits to add per span.
 */
export function findErrors(table: SpanTable): Uint16Array {
  const bits = findRetried(table)
  const below = new Uint8Array(table.count)
  for (let span = table.count - 1; span >= 0; span--) {
    const parent = table.parent[span]!
    if ((table.flags[span]! & FAILED) && !below[span]) bits[span]! |= OWN_ERROR
    if (parent >= 0 && carries(span)) below[parent] = 1
  }

  const origin = findOrigin()
  if (origin >= 0) {
    bits[origin]! |= ORIGIN
    for (let at = origin; at >= 0 && !(table.flags[at]! & MISSING); at = table.parent[at]!) bits[at]! |= ON_ERROR_CHAIN
  }
  return bits

  /** Whether a parent may blame this span. */
  function carries(span: number): boolean {
    if ((table.flags[span]! & ASYNC) || (bits[span]! & RETRIED)) return false
    return (table.flags[span]! & FAILED) !== 0 || (below[span] === 1 && kindOf(table, span) === 'internal')
  }

  function findOrigin(): number {
    const main = table.main
    if (main < 0) return -1
    const reached = new Uint8Array(table.count)
    let best = -1
    if (table.flags[main]! & FAILED) {
      reached[main] = 1
      for (let span = main; span < main + table.size[main]!; span++) {
        if (span !== main) reached[span] = reached[table.parent[span]!]! && carries(span) ? 1 : 0
        if (reached[span] && (bits[span]! & OWN_ERROR)) best = earlier(best, span)
      }
      return best
    }
    for (let span = 0; span < table.count; span++) {
      if ((bits[span]! & OWN_ERROR) && !(bits[span]! & RETRIED)) best = earlier(best, span)
    }
    return best
  }

  function earlier(best: number, span: number): number {
    if (best < 0) return span
    const difference = endOf(table, span) - endOf(table, best)
    return difference < 0 || (difference === 0 && table.depth[span]! > table.depth[best]!) ? span : best
  }
}

/** Failed attempts after which the same call of the same parent went well. */
function findRetried(table: SpanTable): Uint16Array {
  const bits = new Uint16Array(table.count)
  const parents = new Set<number>()
  for (let span = 0; span < table.count; span++) if ((table.flags[span]! & FAILED) && table.parent[span]! >= 0) parents.add(table.parent[span]!)
  for (const parent of parents) {
    const lastGood = new Map<string, number>()
    const call = (span: number) => `${table.service[span]}/${table.name[span]}/${table.flags[span]! & KIND}`
    for (const child of childrenOf(table, parent)) if (!(table.flags[child]! & FAILED)) lastGood.set(call(child), table.start[child]!)
    for (const child of childrenOf(table, parent)) {
      if ((table.flags[child]! & FAILED) && (lastGood.get(call(child)) ?? -1) >= endOf(table, child)) bits[child] = RETRIED
    }
  }
  return bits
}
