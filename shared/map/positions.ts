import type { Layers, Neighbours } from './crossings'

const rounds = 8

/** Of a node or of a bend of a long link: how high it is, and how much it wants to lie straight. */
export interface Extent { height: number, weight: number }

/**
 * The middle of each node from the top, such that links lie as straight as they can: by turns each layer goes where its
 * neighbours want it, as near as its order and the gaps allow.
 */
export function placeNodes(layers: Layers, next: Neighbours, previous: Neighbours, extents: ReadonlyMap<string, Extent>, gap: number): Map<string, number> {
  const middle = new Map<string, number>()
  for (const layer of layers) {
    let y = 0
    for (const id of layer) {
      const { height } = extents.get(id)!
      middle.set(id, y + height / 2)
      y += height + gap
    }
  }
  for (let round = 0; round < rounds; round++) {
    const down = round % 2 === 0
    for (const layer of down ? layers : layers.toReversed()) {
      // The last two rounds look both ways.
      const sides = round >= rounds - 2 ? [previous, next] : [down ? previous : next]
      const wanted = layer.map((id) => {
        const theirs = sides.flatMap(side => side.get(id) ?? [])
        const weights = theirs.map(other => extents.get(other)!.weight)
        const whole = weights.reduce((sum, weight) => sum + weight, 0)
        return whole ? { y: theirs.reduce((sum, other, i) => sum + middle.get(other)! * weights[i]!, 0) / whole, weight: whole * extents.get(id)!.weight } : { y: middle.get(id)!, weight: 0.01 }
      })
      const distances = layer.slice(1).map((id, i) => (extents.get(layer[i]!)!.height + extents.get(id)!.height) / 2 + gap)
      for (const [i, y] of keepApart(wanted, distances).entries()) middle.set(layer[i]!, y)
    }
  }
  const top = Math.min(...[...middle].map(([id, y]) => y - extents.get(id)!.height / 2))
  return new Map([...middle].map(([id, y]) => [id, Math.round(y - top)]))
}

/**
 * Places in their order, `distances` apart at least, with the least sum of weighted squares to where each wants to be:
 * whatever is too near is merged into a block, which goes to the mean of its wishes.
 */
export function keepApart(wanted: readonly { y: number, weight: number }[], distances: readonly number[]): number[] {
  const blocks: { first: number, weight: number, sum: number }[] = []
  const offsets: number[] = []
  for (const [i, { y, weight }] of wanted.entries()) {
    offsets.push(i === 0 ? 0 : offsets[i - 1]! + distances[i - 1]!)
    let block = { first: i, weight, sum: weight * (y - offsets[i]!) }
    for (let above = blocks.at(-1); above && above.sum / above.weight > block.sum / block.weight; above = blocks.at(-1)) {
      block = { first: above.first, weight: above.weight + block.weight, sum: above.sum + block.sum }
      blocks.pop()
    }
    blocks.push(block)
  }
  return blocks.flatMap(({ first, weight, sum }, i) => Array.from({ length: (blocks[i + 1]?.first ?? wanted.length) - first }, (_, k) => sum / weight + offsets[first + k]!))
}
