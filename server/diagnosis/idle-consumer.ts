import type { Analysis } from './analysis'
import { INCIDENT } from './windows'

/** Share of the time in which messages wait and nobody handles any, from which on it is the consumer's own doing. */
export const IDLE = 0.3
/** Of fewer requests than one in this many nobody can say when a consumer did nothing. */
const MOST_SAMPLED = 1.5

/**
 * For which share of the time in which messages waited their consumer had nothing to do. One that is too slow is busy for as long as anything
 * waits; one that comes too seldom is not, and what it then handles all at once may well take longer.
 *
 *   waiting  |======================|
 *   handling                        |==|  |==|      idle: it came late
 *   handling |==|==|==|==|==|==|==|==|==|==|        busy: it is slow
 *
 * Undefined where too few of its requests were kept to say.
 */
export function idleShare({ charges, sides }: Analysis, key: number): number | undefined {
  const { queue, units, forest } = charges
  const serviceOf = (unit: number) => forest.traces.service[forest.source[units.root[unit]!]!]!
  const consumer = charges.vocabulary.keys[key]!.service
  const edges: { at: number, waiting: number, running: number }[] = []
  let weight = 0
  let count = 0
  for (const [q, unit] of queue.unit.entries()) {
    if (serviceOf(unit) !== consumer || sides[unit] !== INCIDENT) continue
    const published = units.start[unit]!
    const begun = published + queue.delay[q]!
    if (queue.key[q] === key) {
      edges.push({ at: published, waiting: 1, running: 0 }, { at: begun, waiting: -1, running: 0 })
      weight += units.weight[unit]!
      count++
    }
    edges.push({ at: begun, waiting: 0, running: 1 }, { at: published + units.total[unit]!, waiting: 0, running: -1 })
  }
  if (count === 0 || weight > MOST_SAMPLED * count) return undefined
  edges.sort((a, b) => a.at - b.at)
  let waiting = 0
  let running = 0
  let waited = 0
  let idle = 0
  for (const [i, edge] of edges.entries()) {
    waiting += edge.waiting
    running += edge.running
    const length = (edges[i + 1]?.at ?? edge.at) - edge.at
    if (waiting > 0) waited += length
    if (waiting > 0 && running === 0) idle += length
  }
  return waited > 0 ? idle / waited : undefined
}
