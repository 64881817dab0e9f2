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
  /** A fold: spans, slowest. A hidden row: spans, time. A folded span: spans inside. */
  count?: number
  ticks?: number
  note?: number
  expandable: boolean
  expanded: boolean
  level: number
  position: number
  siblings: number
}

/** A bar is a few hundred pixels: more parts than this cannot be seen. */
const MOST_PARTS = 64

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
    case HIDDEN_ROW: return { ...base, type: 'hidden', count: rows.spans[row]!, ticks: rows.ticks[row]! }
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
    own: coarse(ownIntervals(trace, span), trace.total),
    path: flags & ON_PATH ? coarse(pathSegments(trace, span), trace.total) : [],
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
    type: 'repeat', to: end, own: coarse(parts, trace.total), path: coarse(path, trace.total),
    named: trace.parent[first]! < 0 || trace.service[trace.parent[first]!] !== trace.service[first],
    share: shareOf(trace, repeat.together), count: repeat.count, ticks: trace.duration[repeat.slowest]!,
    ...(failed && { state: 'own' as const }),
    ...((system ?? remote) && { pill: system ?? remote }),
    expandable: true, expanded: view.openRepeats.has(group),
  }
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

/** Pairs flattened; neighbours are joined until few enough are left to be seen. */
function coarse(intervals: [number, number][], total: number): number[] {
  let parts = intervals
  for (let least = Math.max(1, total / 2_000); parts.length > MOST_PARTS; least *= 2) {
    const joined: [number, number][] = []
    for (const [from, to] of parts) {
      const last = joined.at(-1)
      if (last && from - last[1] < least) last[1] = Math.max(last[1], to)
      else joined.push([from, to])
    }
    parts = joined
  }
  return parts.flat()
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
