/** The endpoint of the passport, asked once for its frame and its tab. */
export function useEndpointDetail(id: MaybeRefOrGetter<string>) {
  return useFetch(() => `/api/endpoints/${toValue(id)}` as '/api/endpoints/:id', { key: () => `endpoint:${toValue(id)}`, dedupe: 'defer' })
}
