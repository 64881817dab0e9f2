import type { Micros } from '../units'
import type { SkeletonSpan } from './skeleton-span'
import type { SpanLinks } from './span-links'

/** A clock found to differ, and by how much its spans were moved. */
export interface ClockSkew {
  service: string
  host?: string
  /** How far this clock is ahead of the root's; negative: behind. Its spans were moved by as much the other way. */
  ahead: Micros
  /** Calls this rests on. */
  calls: number
}

export interface CorrectedClocks {
  skews: ClockSkew[]
  /** Per span of the links: index into `skews`, -1 where the clock was left alone. */
  clock: Int32Array
}

/** Spans of one request rarely agree better than this even on one machine; smaller differences are left alone. */
const NOISE: Micros = 1_000

/**
 * Only pairs of client and server tell clocks apart, because only there do we know that one contains the other:
 *
 *   client     |==================|
 *   server  |==========|                     starts before it was called: its clock is behind
 *
 *   ahead must lie between  server.end - client.end  and  server.start - client.start
 *
 * Every call between two clocks narrows that range. If 0 lies in it, nothing is wrong; else its middle is taken, or
 * the median of the calls where they disagree. Clocks are chained outwards from the root's. A call that got no
 * answer bounds only the start: the server may well have worked on after its client gave up.
 */
export function correctClocks({ spans, parent, received }: SpanLinks): CorrectedClocks {
  const clocks = new Map<string, number>()
  const owners: SkeletonSpan[] = []
  const clockOf = new Int32Array(spans.length).fill(-1)
  for (let i = 0; i < received; i++) {
    const name = `${spans[i]!.service}\0${spans[i]!.host ?? ''}`
    let clock = clocks.get(name)
    if (clock === undefined) {
      clocks.set(name, clock = owners.length)
      owners.push(spans[i]!)
    }
    clockOf[i] = clock
  }

  const skews: ClockSkew[] = []
  const skewOf = new Int32Array(owners.length).fill(-1)
  for (const [clock, { ahead, calls }] of chain(compare())) {
    if (Math.abs(ahead) < NOISE) continue
    skewOf[clock] = skews.length
    skews.push({ service: owners[clock]!.service, ...(owners[clock]!.host && { host: owners[clock]!.host }), ahead: Math.round(ahead), calls })
  }
  return { skews, clock: clockOf.map(clock => clock < 0 ? -1 : skewOf[clock]!) }

  /** For each pair of clocks: by how much the second is ahead of the first. */
  function compare() {
    const pairs = new Map<string, { from: number, to: number, bounds: [low: number, high: number][] }>()
    for (let i = 0; i < received; i++) {
      const client = parent[i]! >= 0 && parent[i]! < received ? spans[parent[i]!]! : undefined
      const server = spans[i]!
      if (client?.kind !== 'client' || server.kind !== 'server') continue
      const from = clockOf[parent[i]!]!
      const to = clockOf[i]!
      // One machine has one clock, whatever runs on it.
      if (from === to || (client.host && client.host === server.host)) continue
      const answered = server.duration <= client.duration && !(client.status === 'error' && client.httpStatus === undefined)
      const high = server.start - client.start
      const low = answered ? server.start + server.duration - client.start - client.duration : -Infinity
      const pair = pairs.get(`${from}>${to}`) ?? { from, to, bounds: [] }
      pair.bounds.push([low, high])
      pairs.set(`${from}>${to}`, pair)
    }
    return [...pairs.values()].map(({ from, to, bounds }) => ({ from, to, ahead: difference(bounds), calls: bounds.length }))
  }

  /** Outwards from clocks that no other calls; a clock keeps what the first way to it said. */
  function chain(pairs: ReturnType<typeof compare>) {
    const found = new Map<number, { ahead: number, calls: number }>()
    const called = new Set(pairs.map(pair => pair.to))
    const name = (clock: number) => `${owners[clock]!.service}\0${owners[clock]!.host ?? ''}`
    const from = new Map<number, typeof pairs>()
    for (const pair of pairs) from.set(pair.from, [...from.get(pair.from) ?? [], pair])
    for (const list of from.values()) list.sort((a, b) => b.calls - a.calls || (name(a.to) < name(b.to) ? -1 : 1))
    const starts = [...from.keys()].sort((a, b) => Number(called.has(a)) - Number(called.has(b)) || (name(a) < name(b) ? -1 : 1))
    for (const start of starts) {
      if (found.has(start)) continue
      found.set(start, { ahead: 0, calls: 0 })
      const queue = [start]
      for (let at = 0; at < queue.length; at++) {
        for (const pair of from.get(queue[at]!) ?? []) {
          if (found.has(pair.to)) continue
          found.set(pair.to, { ahead: found.get(pair.from)!.ahead + pair.ahead, calls: pair.calls })
          queue.push(pair.to)
        }
      }
    }
    return found
  }
}

function difference(bounds: [low: number, high: number][]): number {
  let low = -Infinity
  let high = Infinity
  for (const [l, h] of bounds) {
    low = Math.max(low, l)
    high = Math.min(high, h)
  }
  if (low - NOISE <= 0 && high + NOISE >= 0) return 0
  if (low <= high) return low === -Infinity ? high : (low + high) / 2
  const middles = bounds.map(([l, h]) => l === -Infinity ? h : (l + h) / 2).sort((a, b) => a - b)
  const median = middles[middles.length >> 1]!
  return Math.abs(median) < NOISE ? 0 : median
}
