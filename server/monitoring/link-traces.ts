import type { TraceSource } from '#server/telemetry/ports'
import { findTraceCalls, findTraceQueues } from '#shared/map/trace-links'
import { decodeSkeleton } from '#shared/trace/skeleton'
import type { TimeWindow } from '#shared/units'

export interface TraceLink { parent: string, child: string }
export interface QueueLink { service: string, queue: string, writes: boolean }
export interface TraceLinks { calls: TraceLink[], queues: QueueLink[] }
export interface WantedLinks { calls: boolean, queues: boolean }

/** Traces that are opened, from everywhere in the window, and how large one may be. */
const parts = 6
const tracesRead = 36
const mostSpans = 2_000

/**
 * What the source knows by itself of who calls whom, else what a sample of its traces shows: enough to draw lines, too
 * few to count anything. No source knows queues: to Zipkin a message that nobody names the other end of is no link.
 */
export async function linkTraces(traces: TraceSource, window: TimeWindow, wanted: WantedLinks): Promise<TraceLinks> {
  const known = wanted.calls && traces.capabilities.dependencies ? await traces.dependencies(window) : undefined
  const calls = known?.length ? known.map(({ parent, child }) => ({ parent: parent.toLowerCase(), child: child.toLowerCase() })) : undefined
  if (calls && !wanted.queues) return { calls, queues: [] }
  const sample = await linkSample(traces, window)
  return { calls: wanted.calls ? calls ?? sample.calls : [], queues: wanted.queues ? sample.queues : [] }
}

async function linkSample(traces: TraceSource, { from, to }: TimeWindow): Promise<TraceLinks> {
  const step = (to.getTime() - from.getTime()) / parts
  const at = (part: number) => new Date(from.getTime() + part * step)
  const pages = await Promise.all(Array.from({ length: parts }, (_, part) => traces.search({ window: { from: at(part), to: at(part + 1) }, limit: tracesRead / parts * 3 })))
  const found = pages.flatMap(page => varied(page.traces.filter(({ spans, services }) => spans <= mostSpans && services.length > 1)).slice(0, tracesRead / parts))
  const answers = await Promise.all(found.map(({ traceId }) => traces.skeleton(traceId).catch(() => undefined)))
  const calls = new Map<string, TraceLink>()
  const queues = new Map<string, QueueLink>()
  for (const answer of answers) {
    if (!answer) continue
    const trace = decodeSkeleton(answer.bytes)
    for (const { from, to, kind, isMessage } of findTraceCalls(trace)) {
      if (kind === 'service' && !isMessage) calls.set(`${from}\n${to}`.toLowerCase(), { parent: from.toLowerCase(), child: to.toLowerCase() })
    }
    for (const { service, queue, writes } of findTraceQueues(trace)) queues.set(`${service}\n${queue}\n${writes}`, { service: service.toLowerCase(), queue, writes })
  }
  const byName = (a: string, b: string) => (a < b ? -1 : 1)
  return {
    calls: [...calls.values()].sort((a, b) => byName(a.parent + a.child, b.parent + b.child)),
    queues: [...queues.values()].sort((a, b) => byName(a.service + a.queue, b.service + b.queue)),
  }
}

/** Those first that go through other services than the ones before. */
function varied<T extends { services: string[] }>(traces: T[]): T[] {
  const seen = new Set<string>()
  const [fresh, rest]: [T[], T[]] = [[], []]
  for (const trace of traces) {
    const key = trace.services.toSorted().join()
    ;(seen.has(key) ? rest : fresh).push(trace)
    seen.add(key)
  }
  return [...fresh, ...rest]
}
