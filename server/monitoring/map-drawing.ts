import { layoutLayers, type Gaps } from '#shared/map/layered-layout'
import { hasFan, levelFans, placeLabels, routePath } from '#shared/map/routes'
import type { ServiceMap } from '#shared/schemas/service-map'
import type { Graph, GraphEdge, GraphNode } from './map-graph'

/** From so many boxes on, a box is a name with its fires. */
const mostSpacious = 40
export const mostStores = 4
const heading = 40
/** Of three figures in two rows. */
const labelWidth = 84

type Drawing = Pick<ServiceMap, 'nodes' | 'edges' | 'dense' | 'width' | 'height' | 'columns'>

/** Where everything stands, in pixels. The same graph is always the same drawing. */
export function drawMap({ nodes, edges }: Graph): Drawing {
  const dense = nodes.length > mostSpacious
  const sizes = nodes.map(node => ({ id: node.id, pinned: node.kind === 'consumers', ...sizeOf(node, dense) }))
  // Every line of a spacious drawing has a label, and those of a fan would lie on each other's.
  const fanned = !dense && hasFan(edges)
  const gaps: Gaps = dense ? { between: 112, within: 10 } : { between: fanned ? 96 + labelWidth : 96, within: 40 }
  const layout = layoutLayers(sizes, edges, gaps)
  const routes = fanned ? levelFans(layout.routes, edges, labelWidth) : layout.routes
  const labels = placeLabels(routes, edges, { distance: dense ? 16 : 36, lift: dense ? 10 : 20 })
  const most = Math.max(0, ...edges.map(({ figures }) => figures?.requests ?? 0))
  return {
    dense,
    width: Math.ceil(layout.width),
    height: Math.ceil(layout.height) + heading,
    nodes: nodes.map((node, i) => {
      const { x, y } = layout.boxes.get(node.id)!
      return { ...node, x: Math.round(x), y: Math.round(y) + heading, width: sizes[i]!.width, height: sizes[i]!.height }
    }),
    edges: edges.map((edge, i) => ({
      ...edge,
      path: edge.from === edge.to ? loopOf(layout.boxes.get(edge.from)!, sizes.find(({ id }) => id === edge.from)!.width) : routePath(routes[i]!.map(({ x, y }) => ({ x, y: y + heading }))),
      stroke: strokeOf(edge, most),
      label: { x: Math.round(labels[i]!.x), y: Math.round(labels[i]!.y) + heading },
    })),
    columns: placesOf(layout.columns, nodes, layout.boxes),
  }
}

function sizeOf({ kind, stores }: GraphNode, dense: boolean): { width: number, height: number } {
  if (dense) return { width: 168, height: 32 }
  if (kind === 'consumers') return { width: 104, height: 44 }
  const rows = Math.min(stores.length, mostStores) + (stores.length > mostStores ? 1 : 0)
  return { width: kind === 'service' ? 172 : 156, height: (kind === 'service' ? 76 : 52) + (rows ? rows * 22 + 10 : 0) }
}

/** Wide is often: a tenth of the most is still to be seen. */
function strokeOf({ figures }: GraphEdge, most: number): number {
  if (!figures || figures.requests === 0 || most === 0) return 1.25
  return Math.round((1.25 + 3 * Math.sqrt(figures.requests / most)) * 100) / 100
}

/** Above the box of a service that calls itself. */
function loopOf({ x, y }: { x: number, y: number }, width: number): string {
  const right = Math.round(x + width)
  const top = Math.round(y) + heading
  return `M${right - 24} ${top}c0 -22 36 -22 36 0v12c0 6 -6 6 -12 6`
}

function placesOf(columns: readonly { x: number }[], nodes: readonly GraphNode[], boxes: ReadonlyMap<string, { layer: number }>): Drawing['columns'] {
  const outside = nodes.some(({ kind }) => kind === 'consumers') ? 1 : 0
  const last = columns.length - 1
  return columns.flatMap(({ x }, layer): Drawing['columns'] => {
    if (outside && layer === 0) return [{ x, place: 'outside' }]
    if (layer === outside) return [{ x, place: 'entry' }]
    if (layer === last) return [{ x, place: 'end' }]
    return layer === outside + 1 ? [{ x, place: 'inner' }] : []
  }).filter(() => boxes.size > 0).map(({ x, place }) => ({ x: Math.round(x), place }))
}
