import type { SkeletonSpan } from './skeleton-span'

/** Spans of one trace, each once, with their parents found. In the order of arrival: nothing is sorted yet. */
export interface SpanLinks {
  /** Those received, then one placeholder per parent that somebody names and nobody sent. */
  spans: SkeletonSpan[]
  /** Unique in the trace and stable between reads. */
  keys: string[]
  parent: Int32Array
  /** Placeholders begin here. */
  received: number
  /** Their parent is not in the trace. */
  orphans: Set<number>
  /** Cut out of a circle of parents (a span may be its own). */
  cut: Set<number>
  duplicates: number
}

/**
 * Who called whom. Client and server may share an id (Zipkin): then the server hangs under the client, and what
 * names that id as its parent hangs under the one of its own service.
 *
 *   sent                                  linked
 *   a            client b  (parent a)     a
 *   b  server    (parent a, shared)       └ client b
 *   c            (parent b)                 └ server b
 *   d            (parent x, not here)         └ c
 *                                         ? x
 *                                         └ d
 *
 * The answer does not depend on the order of the spans.
 */
export function linkSpans(sent: readonly SkeletonSpan[]): SpanLinks {
  const { spans, byId, duplicates } = unique(sent)
  const received = spans.length
  const parent = Array<number>(received).fill(-1)
  const orphans = new Set<number>()
  const missing = new Map<string, number[]>()

  for (let i = 0; i < received; i++) {
    const span = spans[i]!
    const client = isAnswering(span) ? pick(byId.get(span.spanId)!.filter(j => isCalling(spans[j]!)), spans, span) : -1
    if (client >= 0) {
      parent[i] = client
      continue
    }
    if (!span.parentId) continue
    const candidates = byId.get(span.parentId)
    if (candidates) {
      parent[i] = pick(candidates.length > 1 ? candidates.filter(j => j !== i) : candidates, spans, span)
    }
    else {
      orphans.add(i)
      const siblings = missing.get(span.parentId)
      if (siblings) siblings.push(i)
      else missing.set(span.parentId, [i])
    }
  }

  const cut = cutCircles(parent, spans)
  const keys = spans.map((span, i) => keyOf(i, byId.get(span.spanId)!, spans))
  // A single request whose caller is not traced is simply the root; a placeholder above it would say nothing more.
  const alone = orphans.size === 1 && parent.filter(p => p < 0).length === 1
  if (!alone) addPlaceholders()
  return { spans, keys, parent: Int32Array.from(parent), received, orphans, cut, duplicates }

  function addPlaceholders() {
    for (const [id, children] of missing) {
      const placeholder: SkeletonSpan = { spanId: id, name: '', kind: 'internal', service: '', start: Infinity, duration: 0, status: 'unset' }
      let end = -Infinity
      for (const child of children) {
        parent[child] = spans.length
        placeholder.start = Math.min(placeholder.start, spans[child]!.start)
        end = Math.max(end, spans[child]!.start + spans[child]!.duration)
      }
      placeholder.duration = end - placeholder.start
      spans.push(placeholder)
      keys.push(id)
      parent.push(-1)
    }
  }
}

/** One of each (id, kind, service): what is sent twice is counted and kept once, the more complete of both. */
function unique(sent: readonly SkeletonSpan[]) {
  const spans: SkeletonSpan[] = []
  const byId = new Map<string, number[]>()
  let duplicates = 0
  for (const raw of sent) {
    const span = raw.duration >= 0 ? raw : { ...raw, duration: 0 }
    const same = byId.get(span.spanId)
    const twin = same?.find(i => spans[i]!.kind === span.kind && spans[i]!.service === span.service)
    if (twin !== undefined) {
      duplicates++
      if (compareSpans(span, spans[twin]!) < 0) spans[twin] = span
      continue
    }
    if (same) same.push(spans.length)
    else byId.set(span.spanId, [spans.length])
    spans.push(span)
  }
  return { spans, byId, duplicates }
}

/** A total order that does not ask who arrived first: earlier, then longer, then by what is written on the span. */
function compareSpans(a: SkeletonSpan, b: SkeletonSpan): number {
  return a.start - b.start || b.duration - a.duration || compareText(a.spanId, b.spanId) || compareText(a.kind, b.kind)
    || compareText(a.service, b.service) || compareText(a.parentId ?? '', b.parentId ?? '') || compareText(JSON.stringify(a), JSON.stringify(b))
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const isCalling = (span: SkeletonSpan) => span.kind === 'client' || span.kind === 'producer'
const isAnswering = (span: SkeletonSpan) => span.kind === 'server' || span.kind === 'consumer'

/** Which of several spans with one id is meant by `child`: the one of its own service, else the answering one. */
function pick(candidates: number[], spans: SkeletonSpan[], child: SkeletonSpan): number {
  if (candidates.length <= 1) return candidates[0] ?? -1
  const rank = (i: number) => (spans[i]!.service === child.service ? 0 : 2) + (isAnswering(spans[i]!) ? 0 : 1)
  return candidates.reduce((best, i) => (rank(i) - rank(best) || compareSpans(spans[i]!, spans[best]!)) < 0 ? i : best)
}

/** Walks up from every span once; a walk that meets itself has found a circle, which is cut at its earliest span. */
function cutCircles(parent: number[], spans: SkeletonSpan[]): Set<number> {
  const cut = new Set<number>()
  const walk = new Int32Array(parent.length)
  for (let i = 0; i < parent.length; i++) {
    let at = i
    while (at >= 0 && walk[at] === 0) {
      walk[at] = i + 1
      at = parent[at]!
    }
    if (at < 0 || walk[at] !== i + 1) continue
    let first = at
    for (let j = parent[at]!; j !== at; j = parent[j]!) if (compareSpans(spans[j]!, spans[first]!) < 0) first = j
    parent[first] = -1
    cut.add(first)
  }
  return cut
}

/** The id; where several share it, the calling one keeps it bare and the others say what they are. */
function keyOf(i: number, sharing: number[], spans: SkeletonSpan[]): string {
  const span = spans[i]!
  if (sharing.length === 1) return span.spanId
  const order = (span: SkeletonSpan) => ['client', 'producer', 'internal', 'server', 'consumer'].indexOf(span.kind)
  const first = sharing.reduce((best, j) => (order(spans[j]!) - order(spans[best]!) || compareText(spans[j]!.service, spans[best]!.service)) < 0 ? j : best)
  if (first === i) return span.spanId
  const alike = sharing.filter(j => spans[j]!.kind === span.kind).length > 1
  return alike ? `${span.spanId}-${span.kind}-${span.service}` : `${span.spanId}-${span.kind}`
}

/** The span id inside a key. */
export function spanIdOf(key: string): string {
  return key.slice(0, 16)
}
