import type { EndpointAnalysis } from '#shared/schemas/endpoint-analysis'

/** How one endpoint is doing over the range of the page. */
export function useEndpointAnalysis(id: MaybeRefOrGetter<string>) {
  const { query } = useTimeRange('1h')
  return useFetch<EndpointAnalysis>(() => `/api/endpoints/${toValue(id)}/analysis`, { query, key: () => `analysis:${toValue(id)}`, deep: false })
}
