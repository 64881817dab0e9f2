import type { Charges } from './charge'
import type { Parameters } from './parameters'
import type { Summary } from './summary'
import { PairNumbers } from './pair-numbers'

export interface EdgeBlame {
  /** Probability that the caller's side is guilty: pool, timeout, route, credentials. */
  caller: number
  /** Callers of this remote, and those of them that wait longer. */
  callers: number
  inflated: number
}

/**
 * S4. An edge that takes longer is a quarrel of two: whoever's other edges are inflated too is guilty.
 *
 *   a ──slow── r          both callers of r wait: r            a ──slow── r       only a waits for r, b does not:
 *   b ──slow── r                                               b ───────── r      something on the way from a
 *
 *   C(v) = big edges at v / (2 + all edges at v), by the root of their calls;  P = prior of the callee
 *   caller's share = (1-P) C(u)^2 / ((1-P) C(u)^2 + P C(v)^2)
 */
export function voteOnEdges({ charges, before, after, parameters }: {
  charges: Pick<Charges, 'vocabulary'>
  before: Summary
  after: Summary
  parameters: Parameters
}): (caller: number, remote: number) => EdgeBlame {
  const pairs = new PairNumbers()
  const sums: { n: number, m: number, was: number, is: number }[] = []
  for (const [number, { kind, service, remote }] of charges.vocabulary.keys.entries()) {
    if (kind !== 'edge') continue
    const sum = sums[pairs.add(service, remote)] ??= { n: 0, m: 0, was: 0, is: 0 }
    sum.n += before.keys[number]!.calls
    sum.was += before.keys[number]!.self
    sum.m += after.keys[number]!.calls
    sum.is += after.keys[number]!.self
  }
  const excess = sums.map(({ n, m, was, is }) => n > 0 && m > 0 ? is / m - was / n : 0)
  const relative = sums.map(({ n, m, was, is }) => n > 0 && m > 0 && was > 0 ? is / m / (was / n) : 1)
  const largest = Math.max(0, ...excess)
  const big = excess.map((value, edge) => value > 0 && value >= parameters.bigEdge * largest && relative[edge]! > parameters.ratio)

  const touching = new Map<number, number[]>()
  for (let edge = 0; edge < pairs.count; edge++) {
    for (const node of [pairs.first[edge]!, pairs.second[edge]!]) {
      const edges = touching.get(node)
      if (edges) edges.push(edge)
      else touching.set(node, [edge])
    }
  }
  const weight = (edge: number) => Math.sqrt(sums[edge]!.m)
  const concentration = (node: number) => {
    let bad = 0
    let all = 0
    for (const edge of touching.get(node) ?? []) {
      all += weight(edge)
      if (big[edge]) bad += weight(edge)
    }
    return bad / (2 + all)
  }

  return (caller, remote) => {
    const prior = parameters.calleePrior
    const u = (1 - prior) * concentration(caller) ** 2
    const v = prior * concentration(remote) ** 2
    const callers = (touching.get(remote) ?? []).filter(edge => pairs.second[edge] === remote && sums[edge]!.m > 0)
    return { caller: u + v > 0 ? u / (u + v) : 1 - prior, callers: callers.length, inflated: callers.filter(edge => big[edge]).length }
  }
}
