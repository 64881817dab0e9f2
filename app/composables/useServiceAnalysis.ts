import type { ServiceAnalysis } from '#shared/schemas/service-analysis'

/** What one service does over the range of the page. */
export function useServiceAnalysis(name: MaybeRefOrGetter<string>) {
  const { query } = useTimeRange('5m')
  return useFetch<ServiceAnalysis>(() => `/api/services/${encodeURIComponent(toValue(name))}/analysis`, { query, key: () => `service:${toValue(name)}`, deep: false })
}
