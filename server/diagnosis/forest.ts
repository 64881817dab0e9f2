import { walkDepthFirst } from '#shared/trace/depth-first'
import { FAILED, ORPHAN, SKEWED, type SpanTable } from '#shared/trace/span-table'
import { findWaits } from '#shared/trace/waits'
import type { Micros } from '#shared/units'
import { findHostClocks } from './host-clocks'
import { CLIENT, compareSpans, CONSUMER, linkTraces, NONE, PRODUCER, SERVER, type Links } from './link-spans'
import type { Parameters } from './parameters'
import type { Traces } from '#shared/trace/trace-columns'

/** Repaired traces, one after the other, each depth first: span i of the forest is span `source[i]` of the traces. */
export interface Forest {
  traces: Traces
  /** Spans of trace t are `first[t]` up to `first[t + 1]`. */
  first: Uint32Array
  source: Uint32Array
  /** Within the forest, -1 at the top. */
  parent: Int32Array
  size: Uint32Array
  flags: Uint16Array
  /** Microseconds since the epoch, clocks corrected. */
  start: Float64Array
  /** One trace as the table that `shared/trace` reads; a view. */
  table: (trace: number) => SpanTable
  /** Spans whose parent was named and is not here, and that found no other. */
  orphans: number
  /** Hosts whose clocks were corrected. */
  skewed: number
}

const LONGEST = 2 ** 32 - 1

/**
 * S1. Links, clocks, orphans, wrappers, order. What a span waited for is marked by the same function as on the trace
 * page, so that both call the same work asynchronous.
 */
export function repairTraces(traces: Traces, parameters: Parameters): Forest {
  const links = linkTraces(traces)
  const clocks = findHostClocks(traces, links)
  const starts = new Float64Array(traces.start)
  for (let span = 0; span < starts.length; span++) starts[span]! -= clocks.get(traces.resources[traces.resource[span]!]!.host) ?? 0
  adoptOrphans(traces, links, starts)
  wrapSiblings(traces, links, starts, parameters)

  const count = traces.first.length - 1
  const total = starts.length
  const first = new Uint32Array(count + 1)
  const source = new Uint32Array(total)
  const parent = new Int32Array(total)
  const size = new Uint32Array(total).fill(1)
  const flags = new Uint16Array(total)
  const start = new Float64Array(total)
  const localStart = new Uint32Array(total)
  const localDuration = new Uint32Array(total)
  const localParent = new Int32Array(total)
  const bases = new Float64Array(count)
  const ticks = new Float64Array(count).fill(1)
  const depth = new Uint32Array(total)
  const service = new Uint32Array(total)
  const name = new Uint32Array(total)
  let placed = 0
  let orphans = 0

  const placeOf = new Uint32Array(total)
  for (let trace = 0; trace < count; trace++) {
    const from = traces.first[trace]!
    const to = traces.first[trace + 1]!
    const local = new Int32Array(to - from)
    const kept: number[] = []
    for (let span = from; span < to; span++) {
      local[span - from] = links.parent[span]! < 0 ? NONE : links.parent[span]! - from
      if (!links.dropped[span]) kept.push(span - from)
    }
    kept.sort((a, b) => starts[a + from]! - starts[b + from]! || compareSpans(traces, a + from, b + from))
    const walked = walkDepthFirst(Uint32Array.from(kept), local)
    first[trace] = placed
    const base = kept.length ? starts[kept[0]! + from]! : 0
    let last = base
    for (const at of kept) last = Math.max(last, starts[at + from]! + traces.duration[at + from]!)
    const tick = Math.max(1, Math.ceil((last - base) / LONGEST))
    bases[trace] = base
    ticks[trace] = tick
    for (let at = 0; at < kept.length; at++) {
      const span = walked[at]! + from
      const place = placed + at
      placeOf[span] = place
      source[place] = span
      parent[place] = links.parent[span]! < 0 ? NONE : placeOf[links.parent[span]!]!
      localParent[place] = parent[place]! < 0 ? NONE : parent[place]! - placed
      depth[place] = parent[place]! < 0 ? 0 : depth[parent[place]!]! + 1
      start[place] = starts[span]!
      localStart[place] = Math.floor((starts[span]! - base) / tick)
      localDuration[place] = Math.floor((starts[span]! + traces.duration[span]! - base) / tick) - localStart[place]!
      service[place] = traces.service[span]!
      name[place] = traces.name[span]!
      const lost = links.orphan[span] && links.parent[span]! < 0
      if (lost) orphans++
      flags[place] = traces.kind[span]! | (traces.failed[span] ? FAILED : 0) | (lost ? ORPHAN : 0) | (starts[span] !== traces.start[span] ? SKEWED : 0)
    }
    for (let at = placed + kept.length - 1; at > placed; at--) if (parent[at]! >= 0) size[parent[at]!]! += size[at]!
    placed += kept.length
    first[trace + 1] = placed
    const waits = findWaits(table(trace))
    for (let at = 0; at < kept.length; at++) flags[first[trace]! + at]! |= waits[at]!
  }

  return {
    traces, first, table, orphans, skewed: [...clocks.values()].filter(ahead => ahead !== 0).length,
    source: source.subarray(0, placed), parent: parent.subarray(0, placed), size: size.subarray(0, placed),
    flags: flags.subarray(0, placed), start: start.subarray(0, placed),
  }

  function table(trace: number): SpanTable {
    const from = first[trace]!
    const to = first[trace + 1]!
    return {
      count: to - from, base: bases[trace]!, tick: ticks[trace]!, main: to > from ? 0 : NONE,
      parent: localParent.subarray(from, to), depth: depth.subarray(from, to), size: size.subarray(from, to),
      start: localStart.subarray(from, to), duration: localDuration.subarray(from, to), flags: flags.subarray(from, to),
      service: service.subarray(from, to), name: name.subarray(from, to), services: traces.texts, names: traces.texts,
    }
  }
}

/**
 * A request whose caller is not here goes to the tightest call of the same trace that was made to its service, that
 * encloses it and that nobody answered: context that was lost on the way by a proxy, or ids that were rewritten.
 */
function adoptOrphans(traces: Traces, links: Links, starts: Float64Array): void {
  for (let trace = 0; trace + 1 < traces.first.length; trace++) {
    const from = traces.first[trace]!
    const to = traces.first[trace + 1]!
    let any = false
    for (let span = from; span < to; span++) if (links.orphan[span] && traces.kind[span] === SERVER) any = true
    if (!any) continue
    const answered = new Set<number>()
    for (let span = from; span < to; span++) if (traces.kind[span] === SERVER && links.parent[span]! >= 0) answered.add(links.parent[span]!)
    for (let span = from; span < to; span++) {
      if (!links.orphan[span] || links.dropped[span] || traces.kind[span] !== SERVER) continue
      let best = NONE
      for (let call = from; call < to; call++) {
        if (traces.kind[call] !== CLIENT || answered.has(call) || links.dropped[call] || traces.remote[call] !== traces.service[span]) continue
        const encloses = starts[call]! <= starts[span]! && starts[call]! + traces.duration[call]! >= starts[span]! + traces.duration[span]!
        if (encloses && (best < 0 || traces.duration[call]! < traces.duration[best]!)) best = call
      }
      if (best < 0 || isBelow(links, best, span)) continue
      links.parent[span] = best
      answered.add(best)
    }
  }
}

function isBelow(links: Links, span: number, above: number): boolean {
  for (let at = span; at >= 0; at = links.parent[at]!) if (at === above) return true
  return false
}

/**
 * Some frameworks end the span around a call beside it instead of above it. A childless span that encloses a sibling
 * of its own service, one that has children, is taken for that sibling's parent.
 *
 *   handler  |==============|          handler  |==============|
 *   wrapper    |==========|      ->      wrapper  |==========|
 *   query       |========|                 query   |========|
 *   answer        |====|                     answer  |====|
 */
function wrapSiblings(traces: Traces, links: Links, starts: Float64Array, { wrapperBefore, wrapperAfter }: Parameters): void {
  const children = new Uint32Array(links.parent.length)
  for (let span = 0; span < links.parent.length; span++) if (links.parent[span]! >= 0 && !links.dropped[span]) children[links.parent[span]!]!++
  for (let trace = 0; trace + 1 < traces.first.length; trace++) {
    const byParent = new Map<number, { wrappers: number[], inner: number[] }>()
    for (let span = traces.first[trace]!; span < traces.first[trace + 1]!; span++) {
      const parent = links.parent[span]!
      if (parent < 0 || links.dropped[span] || children[parent]! < 2 || traces.duration[span] === 0) continue
      const kind = traces.kind[span]!
      const mayWrap = children[span] === 0 && kind !== CLIENT && kind !== PRODUCER && kind !== CONSUMER && kind !== SERVER
      if (!mayWrap && children[span] === 0) continue
      let siblings = byParent.get(parent)
      if (!siblings) byParent.set(parent, siblings = { wrappers: [], inner: [] })
      ;(mayWrap ? siblings.wrappers : siblings.inner).push(span)
    }
    for (const { wrappers, inner } of byParent.values()) {
      for (const span of inner) {
        let best = NONE
        for (const wrapper of wrappers) {
          if (traces.service[wrapper] !== traces.service[span] || traces.duration[wrapper]! < traces.duration[span]!) continue
          const begins = starts[wrapper]! <= starts[span]! + wrapperBefore
          const ends = starts[wrapper]! + traces.duration[wrapper]! + wrapperAfter >= starts[span]! + traces.duration[span]!
          if (begins && ends && (best < 0 || traces.duration[wrapper]! < traces.duration[best]!)) best = wrapper
        }
        if (best >= 0) links.parent[span] = best
      }
    }
  }
}

/** Microseconds a span lasted. */
export function durationOf(forest: Forest, span: number): Micros {
  return forest.traces.duration[forest.source[span]!]!
}
