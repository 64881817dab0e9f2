import { pathSegments } from './critical-path'
import type { RowGuides } from './row-guides'
import { ownIntervals } from './self-time'
import type { Skeleton } from './skeleton'
import { ABANDONED, ASYNC, childrenOf, CUT, endOf, FAILED, kindOf, MISSING, ON_ERROR_CHAIN, ON_PATH, ORIGIN, ORPHAN, OWN_ERROR, RETRIED, SKEWED } from './span-table'
import type { SpanKind } from './span'
import { waitedUntil } from './waits'
import { GAP_ROW, HIDDEN_ROW, isFolded, NOTE_ROW, REPEAT_ROW, SPAN_ROW, type WaterfallRows, type WaterfallView } from './waterfall-rows'

export type RowState = 'origin' | 'own' | 'below' | 'retried'

/** All that one row shows, in plain values: sent for the first rows, made in the browser for the others. Times are ticks. */
export interface RowView {
  type: 'span' | 'repeat' | 'gap' | 'hidden' | 'note'
  span: number
  /** Key of the span, of the fold's first span, or of the span under which the row stands. */
  key: string
  indent: number
  /** Bits of `rowGuides`. */
  guides: number
  chain: number
  /** The way to this row leads to the origin of the error. */
  elbow: boolean
  /** Index into the services of the trace. */
  service: number
  /** It is named only where it changes. */
  named: boolean
  name: string
  kind: SpanKind
  from: number
  to: number
  /** Where the bar is dark, pairs of from and to: its own time, or the single spans of a fold. */
  own: number[]
  /** Where it lies on the critical path. */
  path: number[]
  /** From here on nobody waited. */
  waited?: number
  share: number
  state?: RowState
  status?: number
  pill?: string
  error?: string
  async?: boolean
  skewed?: boolean
  /** Its caller is not here; `missing`: it is that caller; `cut`: the callers form a circle. */
  hole?: 'orphan' | 'missing' | 'cut'
  /** A fold: spans, slowest, time in which any ran. A hidden row: spans, time. A folded span: spans inside. */
  count?: number
  ticks?: number
  together?: number
  note?: number
  expandable: boolean
  expanded: boolean
  level: number
  position: number
  siblings: number
}

/** A bar is a few hundred pixels: more parts than this cannot be seen. */
const MOST_PARTS = 48

export function describeRow(trace: Skeleton, rows: WaterfallRows, guides: RowGuides, view: WaterfallView, places: Places, row: number): RowView {
  const span = Math.max(0, rows.span[row]!)
  const base: Omit<RowView, 'type'> = {
    span, key: trace.keyOf(span), indent: rows.indent[row]!, guides: guides.below[row]!, chain: guides.chain[row]!, elbow: false,
    service: trace.service[span]!, named: false, name: trace.names[trace.name[span]!]!, kind: kindOf(trace, span),
    from: trace.start[span]!, to: endOf(trace, span), own: [], path: [], share: 0, expandable: false, expanded: false,
    level: rows.indent[row]! + 1, position: places.position[span]!, siblings: places.siblings[span]!,
  }
  switch (rows.kind[row]) {
    case SPAN_ROW: return { ...base, ...describeSpan(trace, view, span) }
    case REPEAT_ROW: return { ...base, ...describeRepeat(trace, view, rows.ref[row]!, span) }
    case GAP_ROW: {
      const gap = trace.gaps[rows.ref[row]!]!
      return { ...base, type: 'gap', from: gap.from, to: gap.to, share: shareOf(trace, gap.to - gap.from) }
    }
    case HIDDEN_ROW: return { ...base, type: 'hidden', count: rows.hiddenAt.get(row)!.spans, ticks: rows.hiddenAt.get(row)!.ticks }
    case NOTE_ROW: return { ...base, type: 'note', note: rows.ref[row]! }
    default: throw new RangeError(`no row of kind ${rows.kind[row]}`)
  }
}

function describeSpan(trace: Skeleton, view: WaterfallView, span: number): Partial<RowView> & Pick<RowView, 'type'> {
  const flags = trace.flags[span]!
  const parent = trace.parent[span]!
  const { system, remote } = trace.pillOf(span)
  const expandable = trace.size[span]! > 1
  const folded = expandable && isFolded(trace, view, span)
  const error = trace.errorTypeOf(span)
  const status = trace.httpStatusOf(span)
  const pill = system ?? (kindOf(trace, span) === 'client' && trace.size[span] === 1 ? remote : undefined)
  return {
    type: 'span',
    named: parent < 0 || trace.service[parent] !== trace.service[span],
    elbow: (flags & ON_ERROR_CHAIN) !== 0 && parent >= 0,
    own: coarse(ownIntervals(trace, span)),
    path: flags & ON_PATH ? coarse(pathSegments(trace, span)) : [],
    share: shareOf(trace, trace.duration[span]!),
    ...(stateOf(flags) && { state: stateOf(flags) }),
    ...(status !== undefined && { status }),
    ...(pill && { pill }),
    ...(error && { error }),
    ...(flags & ABANDONED && { waited: waitedUntil(trace, span) }),
    ...(flags & ASYNC && { async: true }),
    ...(flags & SKEWED && { skewed: true }),
    ...(flags & MISSING ? { hole: 'missing' as const } : flags & CUT ? { hole: 'cut' as const } : flags & ORPHAN ? { hole: 'orphan' as const } : {}),
    ...(folded && { count: trace.size[span]! - 1 }),
    expandable,
    expanded: expandable && !folded,
  }
}

function describeRepeat(trace: Skeleton, view: WaterfallView, group: number, first: number): Partial<RowView> & Pick<RowView, 'type'> {
  const repeat = trace.repeats.list[group]!
  const parts: [number, number][] = []
  const path: [number, number][] = []
  let end = 0
  for (const span of membersOf(trace, group)) {
    parts.push([trace.start[span]!, endOf(trace, span)])
    end = Math.max(end, endOf(trace, span))
    if (trace.flags[span]! & ON_PATH) path.push([trace.start[span]!, endOf(trace, span)])
  }
  const { system, remote } = trace.pillOf(first)
  const failed = trace.flags[first]! & FAILED
  return {
    type: 'repeat', to: end, own: coarse(parts), path: coarse(path),
    named: trace.parent[first]! < 0 || trace.service[trace.parent[first]!] !== trace.service[first],
    share: shareOf(trace, repeat.together), count: repeat.count, ticks: trace.duration[repeat.slowest]!, together: repeat.together,
    ...(failed && { state: 'own' as const }),
    ...((system ?? remote) && { pill: system ?? remote }),
    expandable: true, expanded: view.openRepeats.has(group),
  }
}

/** Whom a span calls, as its sender names it, where its own name does not say so. */
export function calleeOf(trace: Skeleton, span: number): string | undefined {
  const { remote, system } = trace.pillOf(span)
  // A query says what it is about, and its row where it went.
  if (!remote || system || !['client', 'producer'].includes(kindOf(trace, span))) return undefined
  const name = trace.names[trace.name[span]!]!.toLowerCase()
  return name.includes(remote.split(':')[0]!.toLowerCase()) ? undefined : remote
}

function stateOf(flags: number): RowState | undefined {
  if (flags & ORIGIN) return 'origin'
  if (flags & RETRIED) return 'retried'
  if (!(flags & FAILED)) return undefined
  return flags & OWN_ERROR ? 'own' : 'below'
}

/** Of the request, not of the whole trace: what the caller waited for is the measure. */
function shareOf(trace: Skeleton, ticks: number): number {
  const whole = trace.main < 0 ? 0 : trace.duration[trace.main]!
  return whole ? ticks / whole : 0
}

export function* membersOf(trace: Skeleton, group: number): Generator<number> {
  const first = trace.repeats.list[group]!.first
  for (const child of childrenOf(trace, trace.parent[first]!)) if (trace.repeats.of[child] === group + 1) yield child
}

/**
 * Pairs flattened. Where they are too many to be seen, the stretch is cut into cells, and a cell counts when the parts
 * cover most of it: thousands of short pauses between long children stay light, and so does the bar.
 */
function coarse(intervals: [number, number][]): number[] {
  if (intervals.length <= MOST_PARTS) return intervals.flat()
  const first = intervals[0]![0]
  const cell = Math.max(1, (intervals.at(-1)![1] - first) / MOST_PARTS)
  const covered = new Float64Array(MOST_PARTS)
  for (const [from, to] of intervals) {
    for (let at = from; at < to;) {
      const place = Math.min(MOST_PARTS - 1, Math.floor((at - first) / cell))
      const end = place === MOST_PARTS - 1 ? to : Math.min(to, Math.max(first + (place + 1) * cell, at + 1e-6))
      covered[place]! += end - at
      at = end
    }
  }
  const parts: number[] = []
  covered.forEach((ticks, place) => {
    if (ticks < cell / 2) return
    const from = Math.round(first + place * cell)
    if (parts.at(-1) === from) parts.pop()
    else parts.push(from)
    parts.push(Math.round(first + (place + 1) * cell))
  })
  return parts
}

/** A span's place among its siblings, counted once for all: a row must not count 20,000 of them. */
export interface Places {
  position: Uint32Array
  siblings: Uint32Array
}

export function findPlaces(trace: Skeleton): Places {
  const children = new Uint32Array(trace.count + 1)
  const position = new Uint32Array(trace.count)
  const siblings = new Uint32Array(trace.count)
  const slot = (span: number) => trace.parent[span]! < 0 ? trace.count : trace.parent[span]!
  for (let span = 0; span < trace.count; span++) position[span] = ++children[slot(span)]!
  for (let span = 0; span < trace.count; span++) siblings[span] = children[slot(span)]!
  return { position, siblings }
}
