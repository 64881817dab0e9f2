import type { Incidents } from '#shared/schemas/incident-list'

/** The list: all open ones, and a page of the past ones that the filter keeps. */
export function useIncidents(query: MaybeRefOrGetter<Record<string, string>>) {
  const ask = useAsk()
  return useAsyncData('incidents', () => ask<Incidents>('/api/incidents', { query: toValue(query) }), { watch: [() => toValue(query)], deep: false })
}
