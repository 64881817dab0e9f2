import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countCrossings } from '#shared/map/crossings'
import { layoutLayers, type Box } from '#shared/map/layered-layout'
import { assignLayers, findBackLinks, type Link } from '#shared/map/layers'
import { keepApart } from '#shared/map/positions'

const gaps = { between: 100, within: 20 }
const boxes = (ids: string, pinned = ''): Box[] => [...ids].map(id => ({ id, width: 160, height: 60, pinned: pinned.includes(id) }))
const links = (drawn: string): Link[] => drawn.split(' ').filter(Boolean).map(pair => ({ from: pair[0]!, to: pair[1]! }))
const columnsOf = (ids: string, drawn: string, pinned = '') => {
  const { boxes: placed } = layoutLayers(boxes(ids, pinned), links(drawn), gaps)
  return Object.fromEntries([...placed].map(([id, { layer }]) => [id, layer]))
}

describe('layers', () => {
  it.each<[string, string, string, Record<string, number>]>([
    ['a chain', 'abc', 'ab bc', { a: 0, b: 1, c: 2 }],
    ['the longer of two ways', 'abc', 'ab bc ac', { a: 0, b: 1, c: 2 }],
    ['nobody', '', '', {}],
    ['somebody alone', 'a', '', { a: 0 }],
    ['a cycle, begun by the first of its names', 'abc', 'ab bc ca', { a: 0, b: 1, c: 2 }],
    ['a cycle that somebody calls into', 'abx', 'xb ab ba', { x: 0, b: 1, a: 2 }],
    ['one that calls itself', 'ab', 'aa ab', { a: 0, b: 1 }],
    ['a second caller beside the one it shares with', 'abcd', 'ab bc dc', { a: 0, b: 1, c: 2, d: 1 }],
  ])('of %s', (_, ids, drawn, expected) => {
    expect(columnsOf(ids, drawn)).toEqual(expected)
  })

  it('leave who is pinned in front', () => {
    expect(columnsOf('abcd', 'ab bc dc', 'd')).toMatchObject({ d: 0, c: 2 })
  })

  it('turn no more links than close a cycle', () => {
    expect(findBackLinks(['a', 'b', 'c', 'd'], links('ab bc ca cd'))).toEqual(new Set([2]))
    expect(findBackLinks(['a', 'b'], links('ab'))).toEqual(new Set())
  })

  it('put ten thousand in a row without running out of stack', () => {
    const ids = Array.from({ length: 10_000 }, (_, i) => `s${String(i).padStart(5, '0')}`)
    const chain = ids.slice(1).map((to, i) => ({ from: ids[i]!, to }))
    expect(assignLayers(ids, chain, new Set()).get(ids.at(-1)!)).toBe(9_999)
    expect(findBackLinks(ids, [...chain, { from: ids.at(-1)!, to: ids[0]! }]).size).toBe(1)
  })
})

describe('crossings', () => {
  it('are counted', () => {
    expect(countCrossings([['a', 'b'], ['c', 'd']], new Map([['a', ['d']], ['b', ['c']]]))).toBe(1)
    expect(countCrossings([['a', 'b'], ['c', 'd']], new Map([['a', ['c']], ['b', ['d']]]))).toBe(0)
    expect(countCrossings([['a', 'b', 'c'], ['x', 'y', 'z']], new Map([['a', ['z']], ['b', ['y']], ['c', ['x']]]))).toBe(3)
  })

  it.each([
    ['a ladder drawn the wrong way round', 'abcxyz', 'az by cx'],
    ['a tree', 'abcdefg', 'ab ac bd be cf cg'],
    ['two that share', 'abcd', 'ac bc bd'],
    ['a way round', 'abcd', 'ab bc cd ad'],
  ])('are none in %s', (_, ids, drawn) => {
    expect(layoutLayers(boxes(ids), links(drawn), gaps).crossings).toBe(0)
  })

  it('are few where two hundred services call each other', () => {
    const { graph, links } = platform(200)
    const layout = layoutLayers(graph, links, gaps)
    const naive = countCrossings(...inNameOrder(graph, links))
    expect(layout.crossings).toBeLessThan(naive / 2)
  })
})

it('spaces what wants the same place evenly around it', () => {
  expect(keepApart([{ y: 10, weight: 1 }, { y: 10, weight: 1 }, { y: 10, weight: 1 }], [20, 20])).toEqual([-10, 10, 30])
  expect(keepApart([{ y: 0, weight: 1 }, { y: 100, weight: 1 }], [20])).toEqual([0, 100])
  expect(keepApart([{ y: 50, weight: 3 }, { y: 50, weight: 1 }], [20])).toEqual([45, 65])
})

const graphs = fc.integer({ min: 0, max: 14 }).chain(count => fc.tuple(
  fc.constant(Array.from({ length: count }, (_, i): Box => ({ id: `s${i}`, width: 120 + i * 3, height: 40 + (i % 3) * 30 }))),
  count ? fc.uniqueArray(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 30, selector: pair => pair.join() }).map(pairs => pairs.map(([a, b]): Link => ({ from: `s${a}`, to: `s${b}` }))) : fc.constant<Link[]>([]),
))

describe('whatever the services are', () => {
  it('no two boxes overlap, and every link runs from its caller to its callee', () => {
    fc.assert(fc.property(graphs, ([given, calls]) => {
      const { boxes: placed, routes, width, height } = layoutLayers(given, calls, gaps)
      for (const a of given) {
        const at = placed.get(a.id)!
        expect(at.x).toBeGreaterThanOrEqual(0)
        expect(at.x + a.width).toBeLessThanOrEqual(width)
        expect(at.y + a.height).toBeLessThanOrEqual(height + 1)
        for (const b of given) {
          const other = placed.get(b.id)!
          if (a.id < b.id && at.layer === other.layer) expect(Math.max(at.y - other.y - b.height, other.y - at.y - a.height)).toBeGreaterThanOrEqual(gaps.within - 1)
        }
      }
      for (const [i, { from, to }] of calls.entries()) {
        if (from === to) expect(routes[i]).toEqual([])
        else {
          const [first, last] = [routes[i]![0]!, routes[i]!.at(-1)!]
          const side = (id: string) => [placed.get(id)!.x, placed.get(id)!.x + given.find(box => box.id === id)!.width]
          expect(side(from)).toContain(first.x)
          expect(side(to)).toContain(last.x)
        }
      }
    }))
  })

  it('the picture does not depend on the order in which they are told', () => {
    fc.assert(fc.property(graphs, ([given, calls]) => {
      const one = layoutLayers(given, calls, gaps)
      const other = layoutLayers(given.toReversed(), calls.toReversed(), gaps)
      expect(other.boxes).toEqual(one.boxes)
      expect(other.routes.toReversed()).toEqual(one.routes)
    }))
  })
})

/** Teams of ten services each behind a few gateways; every service calls some of its own team and of the next. */
function platform(count: number): { graph: Box[], links: Link[] } {
  const name = (i: number) => `s${String(i).padStart(3, '0')}`
  const graph = Array.from({ length: count }, (_, i): Box => ({ id: name(i), width: 160, height: 40 }))
  const links: Link[] = []
  for (let i = 0; i < count; i++) {
    for (const step of [1, 3, 7 + i % 5, 20 + i % 3]) if (i + step < count && (i * 7 + step) % 3 !== 0) links.push({ from: name(i), to: name(i + step) })
  }
  return { graph, links }
}

function inNameOrder(graph: Box[], links: Link[]): [string[][], Map<string, string[]>] {
  const layerOf = assignLayers(graph.map(({ id }) => id), links, new Set())
  const layers: string[][] = []
  for (const { id } of graph) (layers[layerOf.get(id)!] ??= []).push(id)
  const next = new Map<string, string[]>()
  for (const [i, { from, to }] of links.entries()) {
    let at = from
    for (let layer = layerOf.get(from)! + 1; layer <= layerOf.get(to)!; layer++) {
      const node = layer === layerOf.get(to)! ? to : `${i} ${layer}`
      if (node !== to) layers[layer]!.push(node)
      next.set(at, [...next.get(at) ?? [], node])
      at = node
    }
  }
  return [layers, next]
}
