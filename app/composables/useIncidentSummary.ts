import type { Severity } from '#shared/alerting/severity'

interface Summary { open: number, worst: Severity | null, untold: number }

/** How many incidents are open and how bad: asked once a page on the server, then kept by the stream. */
export function useIncidentSummary() {
  const ask = useAsk()
  const { can } = useAccount()
  const { data: summary, error, refresh } = useAsyncData<Summary | null>('incident-summary', () => (can('incidents:read') ? ask<Summary>('/api/incidents/summary') : Promise.resolve(null)), { deep: false })
  useLive(['incidents'], refresh, { parts: [{ data: summary, error }] })
  return { summary }
}
