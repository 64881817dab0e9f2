import type { Incident } from '#shared/schemas/incident-detail'

/** One incident, by its number or id; operators find their part in `full`. */
export function useIncident(id: string) {
  const ask = useAsk()
  const text = useText()
  // What partners are told is written by the server, in the reader's zone; on a first visit that is known only in the browser.
  return useAsyncData(`incident:${id}`, () => ask<Incident>(`/api/incidents/${encodeURIComponent(id)}`), { watch: [() => text.zone], deep: false })
}
