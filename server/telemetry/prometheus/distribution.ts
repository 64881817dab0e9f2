import type { DurationClass } from '../ports'

/**
 * How durations are spread, as classes that may overlap: histograms of several senders with bounds of their own are
 * put together without redrawing any of them. Durations in microseconds; `to` is Infinity for what is longer than the last
 * bound of a classic histogram.
 */
export type Distribution = DurationClass[]

/** From cumulative counts by upper bound, in any order; a count below the one before it (resets, rounding) adds nothing. */
export function fromBounds(bounds: readonly { le: number, count: number }[]): Distribution {
  const classes: Distribution = []
  let from = 0
  let counted = 0
  for (const { le, count } of bounds.toSorted((a, b) => a.le - b.le)) {
    if (count > counted) {
      classes.push({ from, to: le, requests: count - counted })
      counted = count
    }
    from = Math.max(0, le)
  }
  return classes
}

/** From a native histogram's own classes; durations are never negative, whatever its classes allow. */
export function fromNative(classes: readonly { from: number, to: number, count: number }[], unit: number): Distribution {
  return classes.map(({ from, to, count }) => ({ from: Math.max(0, from) * unit, to: Math.max(0, to) * unit, requests: count }))
}

/**
 * The duration that a share `q` of the calls did not exceed, within a class in proportion; the last finite bound, marked,
 * where the answer lies beyond it. Undefined where nothing was counted.
 */
export function quantileOf(distribution: Distribution, q: number): { value: number, beyond: boolean } | undefined {
  const total = distribution.reduce((sum, { requests }) => sum + requests, 0)
  if (!(total > 0)) return undefined
  const wanted = q * total
  const edges = [...new Set(distribution.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b)
  let last = { edge: edges[0]!, below: below(distribution, edges[0]!) }
  for (const edge of edges) {
    if (edge === Infinity) break
    const here = { edge, below: below(distribution, edge) }
    if (here.below >= wanted) {
      const share = here.below > last.below ? (wanted - last.below) / (here.below - last.below) : 1
      return { value: last.edge + (here.edge - last.edge) * Math.max(0, share), beyond: false }
    }
    last = here
  }
  return { value: last.edge, beyond: true }
}

/** How many took longer; undefined where nothing is known of how long any took. */
export function above(distribution: Distribution, edge: number): number | undefined {
  if (!distribution.length) return undefined
  return distribution.reduce((sum, { requests }) => sum + requests, 0) - below(distribution, edge)
}

/** How many took no longer than this. */
function below(distribution: Distribution, edge: number): number {
  let sum = 0
  for (const { from, to, requests } of distribution) {
    if (to <= edge) sum += requests
    else if (edge > from && to !== Infinity) sum += requests * (edge - from) / (to - from)
  }
  return sum
}

/** Classes that do not overlap, by rising duration; where they did, each calls' class is cut at the others' bounds. */
export function toClasses(distribution: Distribution): DurationClass[] {
  const edges = [...new Set(distribution.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b)
  const classes: DurationClass[] = []
  let counted = 0
  edges.forEach((to, i) => {
    const upTo = to === Infinity ? distribution.reduce((sum, { requests }) => sum + requests, 0) : below(distribution, to)
    if (upTo - counted > 1e-9) classes.push({ from: i === 0 ? to : edges[i - 1]!, to, requests: upTo - counted })
    counted = upTo
  })
  return classes
}
