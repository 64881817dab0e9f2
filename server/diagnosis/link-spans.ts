import { spanKinds } from '#shared/trace/span-table'
import type { Traces } from '#shared/trace/trace-columns'

export const NONE = -1

export interface Links {
  /** Index of the parent in the columns, -1 at the top. */
  parent: Int32Array
  /** 1 where a parent is named that is not here. */
  orphan: Uint8Array
  /** 1 where the span was sent twice and this is the copy. */
  dropped: Uint8Array
}

const INTERNAL = spanKinds.indexOf('internal')
const SERVER = spanKinds.indexOf('server')
const CLIENT = spanKinds.indexOf('client')
const PRODUCER = spanKinds.indexOf('producer')
const CONSUMER = spanKinds.indexOf('consumer')

/**
 * Who called whom, for a whole batch at once: the rules of `shared/trace/span-links.ts` on columns. Client and server
 * that share an id (Zipkin) are merged by hanging the server under the client; a circle is cut at its earliest span.
 */
export function linkTraces(traces: Traces): Links {
  const spans = traces.id.length
  const parent = new Int32Array(spans).fill(NONE)
  const orphan = new Uint8Array(spans)
  const dropped = new Uint8Array(spans)
  /** The next span of the same trace with the same id. */
  const sharing = new Int32Array(spans).fill(NONE)
  const byId = new Map<number, number>()

  for (let trace = 0; trace + 1 < traces.first.length; trace++) {
    const from = traces.first[trace]!
    const to = traces.first[trace + 1]!
    byId.clear()
    for (let span = from; span < to; span++) enter(span)
    for (let span = from; span < to; span++) if (!dropped[span]) parent[span] = parentOf(span)
  }
  cutCircles(parent, traces)
  return { parent, orphan, dropped }

  /** Puts a span where its id leads; of two that say the same, the better one stays. */
  function enter(span: number) {
    const head = byId.get(traces.id[span]!)
    for (let other = head ?? NONE; other !== NONE; other = sharing[other]!) {
      if (dropped[other] || traces.kind[other] !== traces.kind[span] || traces.service[other] !== traces.service[span]) continue
      const worse = compareSpans(traces, span, other) < 0 ? other : span
      dropped[worse] = 1
      if (worse === span) return
    }
    if (head !== undefined) sharing[span] = head
    byId.set(traces.id[span]!, span)
  }

  function parentOf(span: number): number {
    const kind = traces.kind[span]!
    if (kind === SERVER || kind === CONSUMER) {
      const caller = pick(byId.get(traces.id[span]!)!, span, true)
      if (caller !== NONE) return caller
    }
    if (traces.parentId[span] === 0) return NONE
    const head = byId.get(traces.parentId[span]!)
    const found = head === undefined ? NONE : pick(head, span, false)
    if (head === undefined) orphan[span] = 1
    return found
  }

  /** Of several spans with one id, the one that `child` means: of its own service, else the answering one. */
  function pick(head: number, child: number, callersOnly: boolean): number {
    const alone = sharing[head] === NONE
    let best = NONE
    for (let at = head; at !== NONE; at = sharing[at]!) {
      if (dropped[at] || (at === child && !(alone && !callersOnly))) continue
      const kind = traces.kind[at]!
      if (callersOnly && kind !== CLIENT && kind !== PRODUCER) continue
      if (best === NONE || (rank(at) - rank(best) || compareSpans(traces, at, best)) < 0) best = at
    }
    return best

    function rank(at: number) {
      return (traces.service[at] === traces.service[child] ? 0 : 2) + (traces.kind[at] === SERVER || traces.kind[at] === CONSUMER ? 0 : 1)
    }
  }
}

/** A total order that does not ask who arrived first. */
export function compareSpans(traces: Traces, a: number, b: number): number {
  return traces.start[a]! - traces.start[b]! || traces.duration[b]! - traces.duration[a]! || traces.id[a]! - traces.id[b]!
    || traces.kind[a]! - traces.kind[b]! || compareText(traces.texts[traces.service[a]!]!, traces.texts[traces.service[b]!]!)
    || compareText(traces.texts[traces.name[a]!]!, traces.texts[traces.name[b]!]!)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Walks up from every span once; a walk that meets itself has found a circle. */
function cutCircles(parent: Int32Array, traces: Traces): void {
  const walk = new Int32Array(parent.length)
  for (let span = 0; span < parent.length; span++) {
    let at = span
    while (at >= 0 && walk[at] === 0) {
      walk[at] = span + 1
      at = parent[at]!
    }
    if (at < 0 || walk[at] !== span + 1) continue
    let first = at
    for (let other = parent[at]!; other !== at; other = parent[other]!) if (compareSpans(traces, other, first) < 0) first = other
    parent[first] = NONE
  }
}

export { CLIENT, CONSUMER, INTERNAL, PRODUCER, SERVER }
