import type { Incident } from '#shared/schemas/incident-detail'

/** One incident, by its number or id; operators find their part in `full`. */
export function useIncident(id: string) {
  const ask = useAsk()
  return useAsyncData(`incident:${id}`, () => ask<Incident>(`/api/incidents/${encodeURIComponent(id)}`), { deep: false })
}
