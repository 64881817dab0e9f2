import { packTrends } from '#shared/chart/packed-trend'
import type { MapEdgeDetail, ServiceMap } from '#shared/schemas/service-map'

/** The drawn map of the page's range, and the link that is open. */
export async function useServiceMap(query: MaybeRefOrGetter<Record<string, string | undefined>>, link: MaybeRefOrGetter<{ caller: string, callee: string } | undefined>) {
  const { query: range } = useTimeRange('5m')
  const ask = useAsk()
  const opened = computed(() => toValue(link))
  const [map, edge] = await Promise.all([
    useFetch<ServiceMap>('/api/map', { query: computed(() => ({ ...range.value, ...toValue(query) })), key: 'map', deep: false }),
    useAsyncData('map-edge', async () => (opened.value ? packEdge(await ask<MapEdgeDetail>('/api/map/edge', { query: { ...range.value, ...opened.value } })) : null), { watch: [opened, range], deep: false }),
  ])
  return { map: map.data, error: map.error, edge: edge.data, refresh: () => Promise.all([map.refresh(), edge.refresh()]) }
}

export type PackedMapEdge = ReturnType<typeof packEdge>

function packEdge({ trend, ...edge }: MapEdgeDetail) {
  return { ...edge, trend: packTrends(trend) }
}
