import { countCrossings, orderLayers, type Layers } from './crossings'
import { assignLayers, findBackLinks, type Link } from './layers'
import { placeNodes, type Extent } from './positions'

export interface Box { id: string, width: number, height: number, pinned?: boolean }
export interface Point { x: number, y: number }

export interface Layout {
  width: number
  height: number
  /** Upper left corners. */
  boxes: Map<string, Point & { layer: number }>
  /** As the links were given: from the caller's side over each bend to the callee's. */
  routes: Point[][]
  /** From left to right. */
  columns: { x: number, width: number }[]
  crossings: number
}

export interface Gaps { between: number, within: number }

const bendHeight = 12
const fewest = 12

/**
 * Boxes in layers from left to right, callers before callees. A link that spans layers bends in each of them; one that
 * closes a cycle is laid backwards. The same boxes and links give the same picture, in whatever order they come.
 *
 *   a --> b --> d        0    1    2
 *   a --------> d        a ── b ── d
 *   d --> a              └─── · ───┘
 */
export function layoutLayers(boxes: readonly Box[], links: readonly Link[], gaps: Gaps): Layout {
  const ids = boxes.map(({ id }) => id).sort()
  const pinned = new Set(boxes.filter(box => box.pinned).map(({ id }) => id))
  const sorted = [...links.keys()].filter(i => links[i]!.from !== links[i]!.to).sort((a, b) => compare(links[a]!, links[b]!))
  const back = findBackLinks(ids, sorted.map(i => links[i]!))
  const turned = new Set(sorted.filter((_, i) => back.has(i)))
  const forward = sorted.map((i): Link => (turned.has(i) ? { from: links[i]!.to, to: links[i]!.from } : links[i]!))
  const layerOf = assignLayers(ids, forward, pinned)
  const { layers, next, previous, bends } = withBends(ids, forward, layerOf)

  const extents = new Map<string, Extent>(boxes.map(({ id, height }) => [id, { height, weight: 1 }]))
  for (const bend of bends.flat()) extents.set(bend, { height: bendHeight, weight: 4 })
  const order = orderLayers(layers, next, previous)
  const middle = placeNodes(order, next, previous, extents, gaps.within)

  const size = new Map(boxes.map(box => [box.id, box]))
  const widths = order.map(layer => Math.max(0, ...layer.map(id => size.get(id)?.width ?? 0)))
  const columns: Layout['columns'] = []
  for (const [i, width] of widths.entries()) columns.push({ x: i === 0 ? 0 : columns[i - 1]!.x + widths[i - 1]! + gaps.between, width })

  const placed = new Map(ids.map((id) => {
    const { x, width } = columns[layerOf.get(id)!]!
    const box = size.get(id)!
    return [id, { x: x + (width - box.width) / 2, y: middle.get(id)! - box.height / 2, layer: layerOf.get(id)! }]
  }))
  const ports = findPorts(forward, bends, middle, size)
  const routes = links.map((): Point[] => [])
  for (const [at, i] of sorted.entries()) {
    const { from, to } = forward[at]!
    const left = placed.get(from)!
    const right = placed.get(to)!
    const over = bends[at]!.flatMap((bend) => {
      const { x, width } = columns[layerOf.get(from)! + 1 + bends[at]!.indexOf(bend)]!
      return [{ x, y: middle.get(bend)! }, { x: x + width, y: middle.get(bend)! }]
    })
    const route = [{ x: left.x + size.get(from)!.width, y: middle.get(from)! + ports.leaving[at]! }, ...over, { x: right.x, y: middle.get(to)! + ports.arriving[at]! }]
    routes[i] = turned.has(i) ? route.reverse() : route
  }
  return {
    width: columns.length ? columns.at(-1)!.x + columns.at(-1)!.width : 0,
    height: Math.max(0, ...[...middle].map(([id, y]) => y + extents.get(id)!.height / 2)),
    boxes: placed, routes, columns, crossings: countCrossings(order, next),
  }
}

/** Long links as chains of short ones over a bend in each layer between. */
function withBends(ids: readonly string[], links: readonly Link[], layerOf: ReadonlyMap<string, number>) {
  const layers: Layers = Array.from({ length: Math.max(-1, ...layerOf.values()) + 1 }, () => [])
  const next = new Map<string, string[]>()
  const previous = new Map<string, string[]>()
  const link = (from: string, to: string) => {
    next.set(from, [...next.get(from) ?? [], to])
    previous.set(to, [...previous.get(to) ?? [], from])
  }
  for (const id of depthFirst(ids, links, layerOf)) layers[layerOf.get(id)!]!.push(id)
  const bends = links.map(({ from, to }, i) => {
    const own = Array.from({ length: layerOf.get(to)! - layerOf.get(from)! - 1 }, (_, k) => `${i}\n${k}`)
    for (const [k, bend] of own.entries()) layers[layerOf.get(from)! + 1 + k]!.push(bend)
    const chain = [from, ...own, to]
    for (let k = 1; k < chain.length; k++) link(chain[k - 1]!, chain[k]!)
    return own
  })
  return { layers, next, previous, bends }
}

/** What belongs together stands together to begin with. */
function depthFirst(ids: readonly string[], links: readonly Link[], layerOf: ReadonlyMap<string, number>): string[] {
  const leaving = Map.groupBy(links, ({ from }) => from)
  const seen = new Set<string>()
  for (const root of ids.toSorted((a, b) => layerOf.get(a)! - layerOf.get(b)! || (a < b ? -1 : 1))) {
    const stack = [root]
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      if (seen.has(id)) continue
      seen.add(id)
      stack.push(...(leaving.get(id) ?? []).map(({ to }) => to).toReversed())
    }
  }
  return [...seen]
}

/** Where on its box each link begins and ends, from the middle: in the order of where it leads, so that none cross at once. */
function findPorts(links: readonly Link[], bends: readonly string[][], middle: ReadonlyMap<string, number>, size: ReadonlyMap<string, Box>) {
  const leaving = new Array<number>(links.length).fill(0)
  const arriving = new Array<number>(links.length).fill(0)
  const spread = (id: string, of: number[], leadsTo: (i: number) => number, into: number[]) => {
    const room = Math.min(16, (size.get(id)!.height - fewest) / Math.max(1, of.length - 1))
    const order = of.toSorted((a, b) => leadsTo(a) - leadsTo(b) || a - b)
    for (const [k, i] of order.entries()) into[i] = (k - (of.length - 1) / 2) * room
  }
  for (const [id, of] of Map.groupBy(links.keys(), i => links[i]!.from)) spread(id, of, i => middle.get(bends[i]![0] ?? links[i]!.to)!, leaving)
  for (const [id, of] of Map.groupBy(links.keys(), i => links[i]!.to)) spread(id, of, i => middle.get(bends[i]!.at(-1) ?? links[i]!.from)!, arriving)
  return { leaving, arriving }
}

function compare(a: Link, b: Link): number {
  return a.from < b.from ? -1 : a.from > b.from ? 1 : a.to < b.to ? -1 : a.to > b.to ? 1 : 0
}
