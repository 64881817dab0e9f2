import { expect, it } from 'vitest'
import { findTraceCalls, findTraceQueues } from '#shared/map/trace-links'
import { decodeSkeleton, encodeSkeleton } from '#shared/trace/skeleton'
import { drawTraceMap } from '#server/monitoring/trace-map'
import type { SkeletonSpan } from '#shared/trace/skeleton-span'

const id = (n: number) => String(n).padStart(16, '0')
function span(n: number, parent: number | undefined, service: string, kind: SkeletonSpan['kind'], rest: Partial<SkeletonSpan> = {}): SkeletonSpan {
  return { key: id(n), spanId: id(n), ...(parent !== undefined && { parentId: id(parent) }), name: 'x', kind, service, start: 1_000 * n, duration: 1_000_000 - 2_000 * n, status: 'unset', failed: false, ...rest } as SkeletonSpan
}
const callsOf = (...spans: SkeletonSpan[]) => findTraceCalls(decodeSkeleton(encodeSkeleton(spans)))

it('finds a call where a span is answered by another service, as long as the caller measured it', () => {
  expect(callsOf(span(1, undefined, 'gate', 'server'), span(2, 1, 'gate', 'client'), span(3, 2, 'pay', 'server'))).toEqual([{ from: 'gate', to: 'pay', kind: 'service', isMessage: false, calls: 1, failed: 0, longest: 996_000 }])
})

it('counts calls of the same pair together, and messages apart from calls', () => {
  const calls = callsOf(span(1, undefined, 'gate', 'server'), span(2, 1, 'gate', 'client'), span(3, 2, 'pay', 'server'), span(4, 1, 'gate', 'client'), span(5, 4, 'pay', 'server'), span(6, 1, 'gate', 'producer'), span(7, 6, 'worker', 'consumer'))
  expect(calls.map(({ to, calls, isMessage }) => [to, calls, isMessage])).toEqual([['pay', 2, false], ['worker', 1, true]])
})

it('names what stands behind a client span that nobody in the trace answers', () => {
  const calls = callsOf(span(1, undefined, 'gate', 'server'), span(2, 1, 'gate', 'client', { system: 'mysql' }), span(3, 1, 'gate', 'client', { remote: 'maps.example' }), span(4, 1, 'gate', 'client'))
  expect(calls.map(({ to, kind }) => [to, kind])).toEqual([['mysql', 'store'], ['maps.example', 'away']])
})

it('finds queues by the spans of either end, also where the other is in another trace', () => {
  const trace = decodeSkeleton(encodeSkeleton([
    span(1, undefined, 'gate', 'server'), span(2, 1, 'gate', 'producer', { system: 'kafka', remote: 'orders' }), span(3, 2, 'worker', 'consumer', { system: 'kafka', remote: 'orders' }),
    span(4, 3, 'worker', 'client', { remote: 'bank' }), span(5, 1, 'gate', 'producer', { system: 'kafka' }), span(6, undefined, 'mailer', 'consumer', { remote: 'mails' }),
  ]))
  expect(findTraceQueues(trace)).toEqual([{ service: 'gate', queue: 'orders', writes: true }, { service: 'worker', queue: 'orders', writes: false }, { service: 'mailer', queue: 'mails', writes: false }])
})

it('draws a service that calls back', () => {
  const calls = callsOf(span(1, undefined, 'gate', 'server'), span(2, 1, 'gate', 'client'), span(3, 2, 'pay', 'server'), span(4, 3, 'pay', 'client'), span(5, 4, 'gate', 'server'))
  const map = drawTraceMap(calls, [{ name: 'gate', colour: 1 }, { name: 'pay', colour: 2 }])
  expect(map.nodes.map(({ name, colour }) => [name, colour])).toEqual([['gate', 1], ['pay', 2]])
  expect(map.edges).toHaveLength(2)
  expect(map.edges.every(({ path }) => path.startsWith('M'))).toBe(true)
})
