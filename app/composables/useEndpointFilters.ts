import { endpointSorts, listEndpoints, type EndpointSort, type ListEndpoints } from '#shared/schemas/endpoint-list'

export const endpointFilters = ['q', 'service', 'lifecycle', 'method', 'team', 'consumer', 'tag', 'flag'] as const
export type EndpointFilter = (typeof endpointFilters)[number]

/** Filters, order and page of the endpoint list, as they stand in the URL; what the list does not know is left out. */
export function useEndpointFilters() {
  const route = useRoute()
  const { query: range } = useTimeRange()

  const asked = computed(() => {
    const known = Object.entries(route.query).filter(([name, value]) => name in listEndpoints.shape && typeof value === 'string' && value
      && listEndpoints.shape[name as keyof ListEndpoints].safeParse(value).success)
    return Object.fromEntries(known) as Record<string, string>
  })
  const filters = computed(() => Object.fromEntries(endpointFilters.map(name => [name, asked.value[name]])) as Record<EndpointFilter, string | undefined>)
  const sort = computed<EndpointSort>(() => endpointSorts.find(name => name === asked.value.sort) ?? 'worst')
  /** What the API is asked. */
  const query = computed(() => ({ ...asked.value, ...range.value }))

  /** The same list with other filters, from its first page. */
  function linkWith(change: Partial<Record<EndpointFilter | 'sort' | 'order' | 'page', string | undefined>>) {
    const { page: _page, ...rest } = route.query
    return { query: Object.fromEntries(Object.entries({ ...rest, ...change }).filter(([, value]) => value !== undefined)) }
  }

  return { filters, sort, query, linkWith }
}
