/** Nodes of one layer from top to bottom, and whom each is linked to in the next layer. */
export type Layers = string[][]
export type Neighbours = ReadonlyMap<string, readonly string[]>

const rounds = 16

/**
 * Puts each layer into an order with few crossings: again and again every node goes where the middle of its
 * neighbours is, down the layers and up again, and the best that was seen is kept.
 */
export function orderLayers(layers: Layers, next: Neighbours, previous: Neighbours): Layers {
  let best = layers
  let fewest = countCrossings(layers, next)
  let order = layers
  for (let round = 0; round < rounds && fewest > 0; round++) {
    order = round % 2 === 0 ? sweep(order, previous, 1) : sweep(order, next, -1)
    order = order.map((layer, i) => swapNeighbours(layer, [[order[i - 1], previous], [order[i + 1], next]]))
    const crossings = countCrossings(order, next)
    if (crossings < fewest) [best, fewest] = [order, crossings]
  }
  return best
}

function sweep(layers: Layers, neighbours: Neighbours, direction: 1 | -1): Layers {
  const order = layers.slice()
  const indices = [...order.keys()]
  if (direction < 0) indices.reverse()
  for (const i of indices.slice(1)) {
    const places = placesOf(order[i - direction]!)
    const middle = new Map(order[i]!.map((id, at) => {
      const theirs = (neighbours.get(id) ?? []).map(other => places.get(other)).filter(place => place !== undefined)
      return [id, theirs.length ? theirs.reduce((sum, place) => sum + place, 0) / theirs.length : at]
    }))
    // Stable, so that who has nobody there stays where it was.
    order[i] = order[i]!.toSorted((a, b) => middle.get(a)! - middle.get(b)!)
  }
  return order
}

/** Two that stand beside each other change places where that saves a crossing. */
function swapNeighbours(layer: string[], sides: [string[] | undefined, Neighbours][]): string[] {
  const known = sides.flatMap(([other, neighbours]) => (other ? [{ places: placesOf(other), neighbours }] : []))
  const placed = new Map(layer.map(id => [id, known.map(({ places, neighbours }) => (neighbours.get(id) ?? []).map(other => places.get(other)).filter(place => place !== undefined))]))
  const order = layer.slice()
  for (let i = 1; i < order.length; i++) {
    const [a, b] = [placed.get(order[i - 1]!)!, placed.get(order[i]!)!]
    let gain = 0
    for (const side of known.keys()) for (const x of a[side]!) for (const y of b[side]!) gain += Math.sign(x - y)
    if (gain > 0) [order[i - 1], order[i]] = [order[i]!, order[i - 1]!]
  }
  return order
}

/** Pairs of links between neighbouring layers that cross. */
export function countCrossings(layers: Layers, next: Neighbours): number {
  let crossings = 0
  for (const [i, layer] of layers.entries()) {
    const below = layers[i + 1]
    if (!below) break
    const places = placesOf(below)
    // Ends in the order of their beginnings; each crosses those before it that end further down.
    const ends = layer.flatMap(id => (next.get(id) ?? []).map(other => places.get(other)).filter(place => place !== undefined).sort((a, b) => a - b))
    const counts = new Array<number>(below.length + 1).fill(0)
    for (const [seen, end] of ends.entries()) {
      let notFurther = 0
      for (let at = end + 1; at > 0; at -= at & -at) notFurther += counts[at]!
      crossings += seen - notFurther
      for (let at = end + 1; at <= below.length; at += at & -at) counts[at]!++
    }
  }
  return crossings
}

function placesOf(layer: readonly string[]): Map<string, number> {
  return new Map(layer.map((id, place) => [id, place]))
}
