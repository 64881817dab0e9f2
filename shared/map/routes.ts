import type { Point } from './layered-layout'
import type { Link } from './layers'
import { keepApart } from './positions'

/** From so many on, links of one box are a fan. */
const fewestOfFan = 4

/**
 * Routes whose links fan out of one box run level for the last `run` before the boxes they lead to, and those that
 * gather likewise from where they leave: there each is by itself, with room for its label.
 */
export function levelFans(routes: readonly Point[][], links: readonly Link[], run: number): Point[][] {
  const ends = crowds(links)
  return routes.map((route, i) => {
    const { isFan, atEnd } = ends(links[i]!)
    if (route.length < 2 || !isFan) return route
    const [near, far] = atEnd ? [route.at(-1)!, route.at(-2)!] : [route[0]!, route[1]!]
    const level = { x: near.x + Math.sign(far.x - near.x) * run, y: near.y }
    return atEnd ? [...route.slice(0, -1), level, near] : [near, level, ...route.slice(1)]
  })
}

/** Whether a graph has a fan. */
export function hasFan(links: readonly Link[]): boolean {
  const ends = crowds(links)
  return links.some(link => ends(link).isFan)
}

/** Whether a link is of a fan, and whether it is more by itself at its end than where it leaves. */
function crowds(links: readonly Link[]): (link: Link) => { isFan: boolean, atEnd: boolean } {
  const [from, to] = (['from', 'to'] as const).map(side => Map.groupBy(links, link => link[side]))
  return (link) => {
    const [leaving, arriving] = [from!.get(link.from)!.length, to!.get(link.to)!.length]
    return { isFan: Math.max(leaving, arriving) >= fewestOfFan, atEnd: leaving >= arriving }
  }
}

/**
 * Where a label stands on each route: at the end with fewer others, and apart from those in the same gap between two
 * columns, `distance` from middle to middle. On a level line it is lifted by `lift`, to stand above it.
 */
export function placeLabels(routes: readonly Point[][], links: readonly Link[], { distance, lift }: { distance: number, lift: number }): Point[] {
  const ends = crowds(links)
  const labels = routes.map((route, i): Point => {
    if (route.length < 2) return { x: 0, y: 0 }
    const { atEnd } = ends(links[i]!)
    const [a, b] = atEnd ? [route.at(-2)!, route.at(-1)!] : [route[0]!, route[1]!]
    // A curve is nearly straight in its last third.
    return { x: (a.x + b.x) / 2, y: a.y + (b.y - a.y) * (atEnd ? 0.7 : 0.3) - (Math.abs(b.y - a.y) < lift ? lift : 0) }
  })
  const drawn = [...labels.keys()].filter(i => routes[i]!.length >= 2)
  for (const [, column] of Map.groupBy(drawn, i => Math.round(labels[i]!.x / 20))) {
    const order = column.toSorted((a, b) => labels[a]!.y - labels[b]!.y || a - b)
    const apart = keepApart(order.map(i => ({ y: labels[i]!.y, weight: 1 })), order.slice(1).map(() => distance))
    for (const [k, i] of order.entries()) labels[i] = { x: labels[i]!.x, y: Math.round(apart[k]!) }
  }
  return labels
}

/** A route as an SVG path: level where it leaves and arrives, curved between. */
export function routePath(route: readonly Point[]): string {
  const [first, ...rest] = route
  if (!first) return ''
  let at = first
  let path = `M${number(first.x)} ${number(first.y)}`
  for (const point of rest) {
    const pull = (point.x - at.x) / 2
    path += at.y === point.y ? `H${number(point.x)}` : `C${number(at.x + pull)} ${number(at.y)} ${number(point.x - pull)} ${number(point.y)} ${number(point.x)} ${number(point.y)}`
    at = point
  }
  return path
}

function number(value: number): number {
  return Math.round(value * 10) / 10
}
