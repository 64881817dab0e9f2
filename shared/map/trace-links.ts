import type { Skeleton } from '../trace/skeleton'
import { FAILED, kindOf, MISSING } from '../trace/span-table'
import type { Micros } from '../units'

/** Calls from one service to another within a trace, as the caller's spans measured them. */
export interface TraceCall {
  from: string
  to: string
  /** `store` and `away`: nothing of the callee is in the trace. */
  kind: 'service' | 'store' | 'away'
  isMessage: boolean
  calls: number
  failed: number
  /** Of the longest. */
  longest: Micros
}

/**
 * Who calls whom in one trace. A span whose parent belongs to another service is a call of that service; a client span
 * under which nothing else answers is a call to what its sender names.
 */
export function findTraceCalls(trace: Skeleton): TraceCall[] {
  const calls = new Map<string, TraceCall>()
  const add = (from: string, to: string, kind: TraceCall['kind'], span: number, isMessage: boolean) => {
    const key = `${from}\n${kind}\n${to}`
    const held = calls.get(key) ?? { from, to, kind, isMessage, calls: 0, failed: 0, longest: 0 }
    held.calls++
    if (trace.flags[span]! & FAILED) held.failed++
    held.longest = Math.max(held.longest, trace.duration[span]! * trace.tick)
    held.isMessage &&= isMessage
    calls.set(key, held)
  }
  const serviceOf = (span: number) => trace.services[trace.service[span]!]!
  const answered = new Uint8Array(trace.count)
  for (let span = 0; span < trace.count; span++) {
    const parent = trace.parent[span]!
    if (parent < 0 || trace.flags[span]! & MISSING || trace.flags[parent]! & MISSING || trace.service[span] === trace.service[parent]) continue
    answered[parent] = 1
    const calling = kindOf(trace, parent)
    // Where the caller has no span of its own for the call, the callee's has to do.
    add(serviceOf(parent), serviceOf(span), 'service', calling === 'client' || calling === 'producer' ? parent : span, kindOf(trace, span) === 'consumer')
  }
  for (let span = 0; span < trace.count; span++) {
    const kind = kindOf(trace, span)
    if (answered[span] || (kind !== 'client' && kind !== 'producer') || trace.flags[span]! & MISSING) continue
    const { system, remote } = trace.pillOf(span)
    const to = remote ?? system
    if (to) add(serviceOf(span), to, system ? 'store' : 'away', span, kind === 'producer')
  }
  return [...calls.values()]
}

/** Which queues services of a trace write into and read from, as the spans of both ends name them. */
export function findTraceQueues(trace: Skeleton): { service: string, queue: string, writes: boolean }[] {
  const links: { service: string, queue: string, writes: boolean }[] = []
  for (let span = 0; span < trace.count; span++) {
    const kind = kindOf(trace, span)
    const queue = kind === 'producer' || kind === 'consumer' ? trace.pillOf(span).remote : undefined
    if (queue && !(trace.flags[span]! & MISSING)) links.push({ service: trace.services[trace.service[span]!]!, queue, writes: kind === 'producer' })
  }
  return links
}
