import type { Notice } from '#server/alerting/alerting'

/** INC-128 of the story, as the incidents room tells it. */
export function notice(of: Partial<Notice> = {}): Notice {
  const incidentId = of.incidentId ?? 'incident-128'
  const kind = of.kind ?? 'incident.opened'
  return {
    kind, incidentId, number: 128, severity: 'critical',
    title: { code: 'diagnosis.title.timeout', params: { service: 'business-service', remote: 'external-api', limit: { micros: 8_000_000 } } },
    facts: [{ code: 'diagnosis.evidence.failed_ratio', params: { before: { ratio: 0.001 }, after: { ratio: 0.64 } } }],
    services: ['business-service'], endpointIds: [], consumers: ['partner-a'],
    path: `/incidents/${incidentId}`, at: new Date('2026-11-23T05:18:40Z'), key: `${incidentId}:${kind}`,
    ...of,
  }
}
