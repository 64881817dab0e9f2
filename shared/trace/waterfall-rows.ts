import { FAILED, MISSING, ON_ERROR_CHAIN, ON_PATH, type SpanTable } from './span-table'
import type { Gap } from './gaps'
import type { Repeats } from './repeats'

/** What the reader chose to see. Numbers are spans, except `openRepeats`: groups. */
export interface WaterfallView {
  folded: ReadonlySet<number>
  /** Deeper levels are folded, except below `opened`. */
  level?: number
  opened: ReadonlySet<number>
  foldRepeats: boolean
  openRepeats: ReadonlySet<number>
  /** Share of the trace, 0 to 1; what is shorter is hidden unless it failed or lies on the path. */
  hideUnder: number
  only?: 'errors' | 'path'
  /** Shown whatever else hides them: the selected span, the hit that was jumped to. */
  pinned: ReadonlySet<number>
  gaps: boolean
  /** Lines to stand under a span, by their index in a list of the page: error logs. */
  notes?: ReadonlyMap<number, readonly number[]>
}

export const wholeView: WaterfallView = {
  folded: new Set(), opened: new Set(), foldRepeats: true, openRepeats: new Set(), hideUnder: 0, pinned: new Set(), gaps: true,
}

export const SPAN_ROW = 0
/** `ref` is a group of repeats. */
export const REPEAT_ROW = 1
/** `ref` is a gap. */
export const GAP_ROW = 2
/** `ref` is the parent whose children were hidden; `hiddenAt` says how many and how long. */
export const HIDDEN_ROW = 3
/** `ref` is a note. */
export const NOTE_ROW = 4

export interface WaterfallRows {
  count: number
  kind: Uint8Array
  ref: Uint32Array
  /** The span a row belongs to: its own, or the one under which it stands. */
  span: Int32Array
  indent: Uint32Array
  /** By row: spans hidden there, and their durations added up. */
  hiddenAt: Map<number, { spans: number, ticks: number }>
  /** Always add up to the spans of the trace. */
  shown: number
  folded: number
  hidden: number
}

interface Frame {
  parent: number
  next: number
  end: number
  indent: number
  /** Only members of this group (plus one), or 0. */
  group: number
  gap: number
  hidden: number
  ticks: number
}

/**
 * The rows of a waterfall: one walk over the table in its own order. A fold stands where its first member stands;
 * opened, its members follow it together, one level deeper. What is hidden is counted where it was hidden.
 *
 *   root                     1 shown
 *   ├ validate               1 shown
 *   ├ · gap 140 ms
 *   ├ 12 × SELECT           12 folded
 *   ├ call ▸                 1 shown, 8 folded
 *   └ 3 spans under 1 %      3 hidden           26 spans
 */
export function waterfallRows(table: SpanTable & { repeats: Repeats, gaps: Gap[], total: number }, view: WaterfallView): WaterfallRows {
  const { repeats, gaps } = table
  const kept = findKept(table, view)
  const keptGroups = view.foldRepeats ? groupsKept() : new Uint8Array(0)
  const rows = createRows()
  const firstGap = new Map<number, number>()
  for (let i = gaps.length - 1; i >= 0; i--) firstGap.set(gaps[i]!.span, i)

  const stack: Frame[] = [frame(-1, 0, table.count, 0, 0)]
  while (stack.length) {
    const at = stack.at(-1)!
    if (at.next >= at.end) {
      stack.pop()
      finish(at)
      continue
    }
    const span = at.next
    at.next += table.size[span]!
    if (at.group && repeats.of[span] !== at.group) continue
    const group = view.foldRepeats && !at.group ? repeats.of[span]! - 1 : -1
    if (group >= 0) visitMember(at, span, group)
    else visitSpan(at, span)
  }
  return rows

  function visitMember(at: Frame, span: number, group: number) {
    const opened = view.openRepeats.has(group)
    if (!keptGroups[group]) return hide(at, span)
    if (!opened) rows.folded += table.size[span]!
    if (span !== repeats.list[group]!.first) return
    emitGaps(at, table.start[span]!)
    add(REPEAT_ROW, group, span, at.indent)
    if (opened) stack.push(frame(at.parent, span, at.end, at.indent + 1, group + 1))
  }

  function visitSpan(at: Frame, span: number) {
    if (!kept[span]) return hide(at, span)
    emitGaps(at, table.start[span]!)
    add(SPAN_ROW, span, span, at.indent)
    rows.shown++
    for (const note of view.notes?.get(span) ?? []) add(NOTE_ROW, note, span, at.indent + 1)
    if (table.size[span] === 1) return
    if (isFolded(table, view, span)) rows.folded += table.size[span]! - 1
    else stack.push(frame(span, span + 1, span + table.size[span]!, at.indent + 1, 0))
  }

  function hide(at: Frame, span: number) {
    at.hidden += table.size[span]!
    at.ticks += table.duration[span]!
    rows.hidden += table.size[span]!
  }

  function frame(parent: number, next: number, end: number, indent: number, group: number): Frame {
    return { parent, next, end, indent, group, gap: group || !view.gaps ? -1 : firstGap.get(parent) ?? -1, hidden: 0, ticks: 0 }
  }

  function emitGaps(at: Frame, until: number) {
    while (at.gap >= 0 && at.gap < gaps.length && gaps[at.gap]!.span === at.parent && gaps[at.gap]!.to <= until) {
      add(GAP_ROW, at.gap, at.parent, at.indent)
      at.gap++
    }
  }

  function finish(at: Frame) {
    emitGaps(at, Infinity)
    if (!at.hidden) return
    rows.hiddenAt.set(rows.count, { spans: at.hidden, ticks: at.ticks })
    add(HIDDEN_ROW, Math.max(0, at.parent), at.parent, at.indent)
  }

  function add(kind: number, ref: number, span: number, indent: number) {
    if (rows.count === rows.kind.length) grow(rows)
    rows.kind[rows.count] = kind
    rows.ref[rows.count] = ref
    rows.span[rows.count] = span
    rows.indent[rows.count] = indent
    rows.count++
  }

  function groupsKept(): Uint8Array {
    const groups = new Uint8Array(repeats.list.length)
    for (let span = 0; span < table.count; span++) if (kept[span] && repeats.of[span]) groups[repeats.of[span]! - 1] = 1
    return groups
  }
}

/** Whether a span's children are out of sight. */
export function isFolded(table: SpanTable, view: WaterfallView, span: number): boolean {
  if (view.folded.has(span)) return true
  return view.level !== undefined && table.depth[span]! + 1 >= view.level && !view.opened.has(span)
}

/** A span stays when it says something by itself or leads to one that does. */
function findKept(table: SpanTable & { repeats: Repeats, total: number }, view: WaterfallView): Uint8Array {
  const kept = new Uint8Array(table.count)
  if (!view.only && view.hideUnder <= 0) return kept.fill(1)
  const least = view.hideUnder * table.total
  const matters = view.only === 'errors' ? FAILED : view.only === 'path' ? ON_PATH : FAILED | ON_PATH | ON_ERROR_CHAIN | MISSING
  if (!view.only && view.foldRepeats) for (const { first, together } of table.repeats.list) if (together >= least) kept[first] = 1
  for (const span of view.pinned) if (span < table.count) kept[span] = 1
  for (let span = table.count - 1; span >= 0; span--) {
    if ((table.flags[span]! & matters) || (!view.only && table.duration[span]! >= least)) kept[span] = 1
    if (kept[span] && table.parent[span]! >= 0) kept[table.parent[span]!] = 1
  }
  return kept
}

/** The row of a span, else of the fold or the ancestor in which it is; -1 where it is hidden with all of them. */
export function rowOf(table: SpanTable & { repeats: Repeats }, rows: WaterfallRows, span: number): number {
  for (let at = span; at >= 0; at = table.parent[at]!) {
    let fold = -1
    for (let row = 0; row < rows.count; row++) {
      if (rows.kind[row] === SPAN_ROW && rows.ref[row] === at) return row
      if (rows.kind[row] === REPEAT_ROW && rows.ref[row]! + 1 === table.repeats.of[at]) fold = row
    }
    if (fold >= 0) return fold
  }
  return -1
}

/** The view in which a span has a row of its own: everything above it opened, and nothing that hides it. */
export function reveal(table: SpanTable & { repeats: Repeats }, view: WaterfallView, span: number): WaterfallView {
  const folded = new Set(view.folded)
  const opened = new Set(view.opened)
  const openRepeats = new Set(view.openRepeats)
  for (let at = span; at >= 0; at = table.parent[at]!) {
    if (table.repeats.of[at]) openRepeats.add(table.repeats.of[at]! - 1)
    if (at === span) continue
    folded.delete(at)
    if (view.level !== undefined) opened.add(at)
  }
  return { ...view, folded, opened, openRepeats, pinned: new Set([...view.pinned, span]) }
}

function createRows(): WaterfallRows {
  const room = 256
  return {
    count: 0, shown: 0, folded: 0, hidden: 0, hiddenAt: new Map(),
    kind: new Uint8Array(room), ref: new Uint32Array(room), span: new Int32Array(room), indent: new Uint32Array(room),
  }
}

/** A large trace that is folded to a screen takes a screen's memory. */
function grow(rows: WaterfallRows): void {
  const room = rows.kind.length * 2
  const larger = <T extends Uint8Array | Uint32Array | Int32Array>(column: T, made: T): T => {
    made.set(column)
    return made
  }
  rows.kind = larger(rows.kind, new Uint8Array(room))
  rows.ref = larger(rows.ref, new Uint32Array(room))
  rows.span = larger(rows.span, new Int32Array(room))
  rows.indent = larger(rows.indent, new Uint32Array(room))
}
