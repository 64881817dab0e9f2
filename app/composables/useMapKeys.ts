import type { ServiceMap } from '#shared/schemas/service-map'

/** Arrow keys walk the map: right to whom a service calls, left to who calls it, up and down within its column. */
export function useMapKeys(map: () => Pick<ServiceMap, 'nodes' | 'edges'>, frame: Ref<HTMLElement | null>) {
  function neighbourOf(id: string, key: string): string | undefined {
    const { nodes, edges } = map()
    const here = nodes.find(node => node.id === id)
    if (!here) return undefined
    const byHeight = (ids: string[]) => nodes.filter(node => ids.includes(node.id)).sort((a, b) => Math.abs(a.y - here.y) - Math.abs(b.y - here.y))[0]?.id
    if (key === 'ArrowRight') return byHeight(edges.filter(({ from, to }) => from === id && to !== id).map(({ to }) => to))
    if (key === 'ArrowLeft') return byHeight(edges.filter(({ from, to }) => to === id && from !== id).map(({ from }) => from))
    const column = nodes.filter(node => Math.abs(node.x - here.x) < 80).sort((a, b) => a.y - b.y)
    return column[column.indexOf(here) + (key === 'ArrowDown' ? 1 : -1)]?.id
  }

  return function onKey(event: KeyboardEvent) {
    if (!['ArrowRight', 'ArrowLeft', 'ArrowUp', 'ArrowDown'].includes(event.key) || event.altKey || event.ctrlKey || event.metaKey) return
    const target = event.target as HTMLElement
    const links = [...frame.value?.querySelectorAll<HTMLElement>('a[data-node]') ?? []]
    const id = target.closest('.map-box')?.querySelector<HTMLElement>('[data-node]')?.dataset.node
    // From the frame itself the keys scroll, as they do anywhere.
    if (id === undefined) return
    let next = neighbourOf(id, event.key)
    // What is no link is passed over.
    while (next !== undefined && !links.some(link => link.dataset.node === next)) next = neighbourOf(next, event.key)
    const link = links.find(({ dataset }) => dataset.node === next)
    if (!link) return
    event.preventDefault()
    link.focus()
    link.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }
}
