import type { LocationQuery } from 'vue-router'

export const incidentFilters = ['state', 'severity', 'service', 'endpoint', 'consumer', 'culprit', 'assignee', 'q', 'from', 'to'] as const
export type IncidentFilter = (typeof incidentFilters)[number]

/** What the list is confined to: all of it in the URL, so that it can be handed on. */
export function useIncidentFilters() {
  const route = useRoute()
  const pick = (query: LocationQuery) => Object.fromEntries(incidentFilters.flatMap((name) => {
    const value = query[name]
    return typeof value === 'string' && value ? [[name, value]] : []
  })) as Partial<Record<IncidentFilter, string>>
  const filters = computed(() => pick(route.query))
  const query = computed(() => ({ ...filters.value, ...(typeof route.query.cursor === 'string' && { cursor: route.query.cursor }) }))
  /** The same list with other conditions, from its first page. */
  const linkWith = (patch: Partial<Record<IncidentFilter, string | undefined>>) => ({ path: '/incidents', query: { ...filters.value, ...patch } })
  const active = computed(() => (Object.entries(filters.value) as [IncidentFilter, string][]).filter(([name, value]) => !(name === 'state' && value === 'all')))
  return { filters, query, linkWith, active }
}
