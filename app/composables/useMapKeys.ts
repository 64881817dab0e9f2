import type { ServiceMap } from '#shared/schemas/service-map'

const arrows = ['ArrowRight', 'ArrowLeft', 'ArrowUp', 'ArrowDown']

/**
 * Arrow keys walk the map: right to whom a service calls, left to who calls it, up and down within its column. The tab
 * key stops at one box, the last one visited, and goes on to what stands below the map; without a script it stops at all.
 */
export function useMapKeys(map: () => Pick<ServiceMap, 'nodes' | 'edges'>, frame: Ref<HTMLElement | null>) {
  const ready = ref(false)
  onMounted(() => (ready.value = true))
  const visited = ref<string>()
  const stop = computed(() => {
    const { nodes } = map()
    return nodes.some(({ id }) => id === visited.value) ? visited.value : nodes[0]?.id
  })

  function neighbourOf(id: string, key: string): string | undefined {
    const { nodes, edges } = map()
    const here = nodes.find(node => node.id === id)
    if (!here) return undefined
    const nearest = (ids: string[]) => nodes.filter(node => ids.includes(node.id)).sort((a, b) => Math.abs(a.y - here.y) - Math.abs(b.y - here.y))[0]?.id
    if (key === 'ArrowRight') return nearest(edges.filter(({ from, to }) => from === id && to !== id).map(({ to }) => to))
    if (key === 'ArrowLeft') return nearest(edges.filter(({ from, to }) => to === id && from !== id).map(({ from }) => from))
    const column = nodes.filter(node => Math.abs(node.x - here.x) < 80).sort((a, b) => a.y - b.y)
    return column[column.indexOf(here) + (key === 'ArrowDown' ? 1 : -1)]?.id
  }

  function onKey(event: KeyboardEvent) {
    if (!arrows.includes(event.key) || event.altKey || event.ctrlKey || event.metaKey) return
    const id = (event.target as HTMLElement).closest<HTMLElement>('.map-box')?.dataset.node
    // From the frame itself the keys scroll, as they do anywhere.
    const next = id && neighbourOf(id, event.key)
    const link = next && [...frame.value?.querySelectorAll<HTMLElement>('.map-box') ?? []].find(({ dataset }) => dataset.node === next)?.querySelector('a')
    if (!link) return
    event.preventDefault()
    link.focus({ preventScroll: true })
    link.closest('.map-box')!.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }

  return {
    onKey,
    visit: (id: string) => void (visited.value = id),
    isStop: (id: string) => !ready.value || id === stop.value,
  }
}
