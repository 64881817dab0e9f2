import type { TraceSource } from '#server/telemetry/ports'
import { findTraceCalls } from '#shared/map/trace-links'
import { decodeSkeleton } from '#shared/trace/skeleton'
import type { TimeWindow } from '#shared/units'

export interface TraceLink { parent: string, child: string }

/** Traces that are opened, from everywhere in the window, and how large one may be. */
const parts = 6
const tracesRead = 36
const mostSpans = 2_000

/** What the source knows by itself of who calls whom, else what a sample of its traces shows. */
export async function linkTraces(traces: TraceSource, window: TimeWindow): Promise<TraceLink[]> {
  const known = traces.capabilities.dependencies ? await traces.dependencies(window) : undefined
  return known?.length ? known.map(({ parent, child }) => ({ parent: parent.toLowerCase(), child: child.toLowerCase() })) : linkSample(traces, window)
}

/** Who calls whom as a sample of traces shows it: enough to draw lines, too few to count anything. */
async function linkSample(traces: TraceSource, { from, to }: TimeWindow): Promise<TraceLink[]> {
  const step = (to.getTime() - from.getTime()) / parts
  const at = (part: number) => new Date(from.getTime() + part * step)
  const pages = await Promise.all(Array.from({ length: parts }, (_, part) => traces.search({ window: { from: at(part), to: at(part + 1) }, limit: tracesRead / parts * 3 })))
  const found = pages.flatMap(page => varied(page.traces.filter(({ spans, services }) => spans <= mostSpans && services.length > 1)).slice(0, tracesRead / parts))
  const answers = await Promise.all(found.map(({ traceId }) => traces.skeleton(traceId).catch(() => undefined)))
  const links = new Map<string, TraceLink>()
  for (const answer of answers) {
    if (!answer) continue
    for (const { from, to, kind } of findTraceCalls(decodeSkeleton(answer.bytes))) {
      if (kind === 'service') links.set(`${from}\n${to}`.toLowerCase(), { parent: from.toLowerCase(), child: to.toLowerCase() })
    }
  }
  return [...links.values()].sort((a, b) => (a.parent + a.child < b.parent + b.child ? -1 : 1))
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
