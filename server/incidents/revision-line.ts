import type { Database, Transaction } from '#server/db/client'
import type { Culprit, Qualifier } from '#server/diagnosis/diagnosis'
import type { Severity } from '#shared/alerting/severity'
import type { RevisionEvent } from './feed'
import { consumersOf, numberOf, routesOf, symptomsOf, type IncidentRow } from './incident-rows'
import { routeIdOf } from './subject'

/** One revision of one incident, as replay prints it. */
export interface RevisionLine {
  /** `INC-1`. */
  incident: string
  /** ISO 8601. */
  at: string
  event: 'opened' | 'updated' | 'resolved'
  onset: string
  severity: Severity
  symptoms: { service: string, operation: string, endpoint: string | null }[]
  culprit: Culprit | null
  qualifier: Pick<Qualifier, 'attribute' | 'value'> | null
  confidence: 'high' | 'medium' | 'low'
  runnersUp: Culprit[]
  impact: { consumer: string, failed: number, slow: number | null, total: number }[]
}

/** What is open again was not opened twice: a relapse is an update. */
const events = { opened: 'opened', updated: 'updated', reopened: 'updated', resolved: 'resolved' } as const

export function lineOf(db: Database | Transaction, row: IncidentRow, event: RevisionEvent, at: Date, templateOf: (routeId: string) => string | undefined): RevisionLine {
  const { diagnosis } = row
  return {
    incident: numberOf(row),
    at: at.toISOString(),
    event: events[event],
    onset: row.onset.toISOString(),
    severity: row.severity,
    symptoms: symptomLines(db, row.id, templateOf),
    culprit: diagnosis?.culprit ?? null,
    qualifier: diagnosis?.qualifier ? { attribute: diagnosis.qualifier.attribute, value: diagnosis.qualifier.value } : null,
    confidence: diagnosis?.confidence ?? 'low',
    runnersUp: diagnosis?.runnersUp.map(({ culprit }) => culprit) ?? [],
    impact: consumersOf(db, [row.id]).map(({ consumer, failed, slow, total }) => ({ consumer, failed: Math.round(failed), slow: slow === null ? null : Math.round(slow), total: Math.round(total) })),
  }
}

/** Routes where there are any, else what raised the alerts. */
function symptomLines(db: Database | Transaction, id: string, templateOf: (routeId: string) => string | undefined): RevisionLine['symptoms'] {
  const symptoms = symptomsOf(db, [id])
  const routes = routesOf(symptoms)
  if (!routes.length) return symptoms.map(({ service, operation }) => ({ service, operation, endpoint: null }))
  return routes.map((route) => {
    const operation = symptoms.find(row => row.service === route.service && row.method === route.method && row.routeKey === route.routeKey && row.operation)?.operation
    const endpoint = route.method ? `${route.method} ${templateOf(routeIdOf(route)) ?? sentRoute(operation, route.method) ?? route.routeKey}` : null
    return { service: route.service, operation: operation ?? endpoint ?? route.routeKey, endpoint }
  })
}

/** `GET /orders/{id}` names its route as its sender does. */
function sentRoute(operation: string | undefined, method: string): string | undefined {
  const path = operation?.startsWith(`${method} `) ? operation.slice(method.length + 1) : undefined
  return path?.startsWith('/') ? path : undefined
}
