import type { Micros } from '#shared/units'
import { CLIENT, SERVER, type Links } from './link-spans'
import type { Traces } from '#shared/trace/trace-columns'

/** Two clocks that agree this well are left alone. */
const NOISE: Micros = 1_000
/** Share of the calls between two clocks that may contradict an answer. */
const LENIENT = 0.05

/**
 * How far each host's clock is ahead, by host text; what one trace says may be wrong, so all calls between two hosts
 * are asked. Each call bounds the difference (`shared/trace/clock-skew.ts`); the bounds that all but a few calls
 * respect make a range. If 0 lies in it nothing is wrong, else its middle is taken. Chained outwards from the hosts
 * that no other calls.
 */
export function findHostClocks(traces: Traces, links: Links): Map<number, Micros> {
  const pairs = new Map<number, { from: number, to: number, lows: number[], highs: number[] }>()
  for (let server = 0; server < links.parent.length; server++) {
    const client = links.parent[server]!
    if (client < 0 || traces.kind[server] !== SERVER || traces.kind[client] !== CLIENT) continue
    const from = traces.resources[traces.resource[client]!]!.host
    const to = traces.resources[traces.resource[server]!]!.host
    if (from === to) continue
    const name = from * 2 ** 26 + to
    let pair = pairs.get(name)
    if (!pair) pairs.set(name, pair = { from, to, lows: [], highs: [] })
    const ahead = traces.start[server]! - traces.start[client]!
    const slack = traces.duration[client]! - traces.duration[server]!
    pair.highs.push(ahead)
    // A call that got no answer bounds only the start: the server may have worked on after its client gave up.
    if (slack >= 0 && !(traces.failed[client] && traces.httpStatus[client] === 0)) pair.lows.push(ahead - slack)
  }
  return chain([...pairs.values()].map(({ from, to, lows, highs }) => ({ from, to, ahead: difference(lows, highs), calls: highs.length })), traces.texts)
}

function difference(lows: number[], highs: number[]): Micros {
  const low = lows.length ? quantile(lows, 1 - LENIENT) : -Infinity
  const high = quantile(highs, LENIENT)
  if (low - NOISE <= 0 && high + NOISE >= 0) return 0
  const ahead = low === -Infinity ? high : (low + high) / 2
  return Math.abs(ahead) < NOISE ? 0 : ahead
}

function quantile(values: number[], q: number): number {
  return values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))]!
}

interface Pair { from: number, to: number, ahead: Micros, calls: number }

function chain(pairs: Pair[], texts: string[]): Map<number, Micros> {
  const found = new Map<number, Micros>()
  const called = new Set(pairs.map(pair => pair.to))
  const from = new Map<number, Pair[]>()
  for (const pair of pairs) {
    const list = from.get(pair.from)
    if (list) list.push(pair)
    else from.set(pair.from, [pair])
  }
  const byName = (a: number, b: number) => texts[a]! < texts[b]! ? -1 : 1
  for (const list of from.values()) list.sort((a, b) => b.calls - a.calls || byName(a.to, b.to))
  for (const start of [...from.keys()].sort((a, b) => Number(called.has(a)) - Number(called.has(b)) || byName(a, b))) {
    if (found.has(start)) continue
    found.set(start, 0)
    const queue = [start]
    for (let at = 0; at < queue.length; at++) {
      for (const pair of from.get(queue[at]!) ?? []) {
        if (found.has(pair.to)) continue
        found.set(pair.to, found.get(pair.from)! + pair.ahead)
        queue.push(pair.to)
      }
    }
  }
  return found
}
