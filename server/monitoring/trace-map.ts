import { layoutLayers } from '#shared/map/layered-layout'
import { placeLabels, routePath } from '#shared/map/routes'
import type { TraceCall } from '#shared/map/trace-links'
import type { TraceAnswer, TraceMapAnswer } from '#shared/schemas/trace'

const box = { width: 148, height: 32 }
const margin = 8

/** The calls of one trace as a small map. */
export function drawTraceMap(calls: readonly TraceCall[], services: TraceAnswer['services']): TraceMapAnswer {
  const colours = new Map(services.map(({ name, colour }) => [name, colour]))
  const idOf = (kind: 'service' | 'store' | 'away', name: string) => `${kind}:${name}`
  const nodes = new Map(services.filter(({ name }) => name).map(({ name }) => [idOf('service', name), { name, kind: 'service' as TraceCall['kind'] }]))
  for (const { to, kind } of calls) nodes.set(idOf(kind, to), { name: to, kind })
  const links = calls.map(({ from, to, kind }) => ({ from: idOf('service', from), to: idOf(kind, to) }))
  const layout = layoutLayers([...nodes.keys()].map(id => ({ id, ...box })), links, { between: 92, within: 12 })
  const labels = placeLabels(layout.routes, links, { distance: 26, lift: 0 })
  return {
    width: Math.ceil(layout.width) + 2 * margin,
    height: Math.ceil(layout.height) + 2 * margin,
    nodes: [...nodes].map(([id, { name, kind }]) => {
      const { x, y } = layout.boxes.get(id)!
      return { id, name, kind, colour: kind === 'service' ? colours.get(name) ?? null : null, x: Math.round(x) + margin, y: Math.round(y) + margin, ...box }
    }),
    edges: calls.map(({ isMessage, calls, failed, longest }, i) => ({
      ...links[i]!, message: isMessage, calls, failed, longest,
      path: routePath(layout.routes[i]!.map(({ x, y }) => ({ x: x + margin, y: y + margin }))),
      label: { x: Math.round(labels[i]!.x) + margin, y: Math.round(labels[i]!.y) + margin },
    })),
  }
}
