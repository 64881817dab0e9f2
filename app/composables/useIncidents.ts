import type { Incidents } from '#shared/schemas/incident-list'

/** The list: all open ones, and a page of the past ones that the filter keeps. */
export function useIncidents(query: MaybeRefOrGetter<Record<string, string>>) {
  const ask = useAsk()
  const text = useText()
  // Days are counted in the reader's zone; on a first visit that is known only in the browser.
  return useAsyncData('incidents', () => ask<Incidents>('/api/incidents', { query: toValue(query) }), { watch: [() => toValue(query), () => text.zone], deep: false })
}
