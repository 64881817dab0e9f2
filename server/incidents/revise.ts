import { eq } from 'drizzle-orm'
import type { Transaction } from '#server/db/client'
import { incidents } from '#server/db/control/schema'
import { AppError } from '#shared/errors'
import type { Sentence } from '#shared/text/text'
import type { RevisionEvent } from './feed'
import { consumersOf, isOpen, numberOf, routesOf, symptomsOf, type IncidentRow } from './incident-rows'
import { lineOf } from './revision-line'
import type { Room } from './room'
import { routeIdOf } from './subject'

export interface Revision {
  event: RevisionEvent
  at: Date
  set?: Partial<typeof incidents.$inferInsert>
  /** Changes what people decide on: who saw only the revision before is told. */
  isDecision?: boolean
}

/** Writes the next revision and tells of it when the transaction stands. Last in it: the revision is as it is then. */
export function revise({ feed, register }: Room, tx: Transaction, row: IncidentRow, { event, at, set, isDecision }: Revision): IncidentRow {
  const revision = row.revision + 1
  const next = tx.update(incidents).set({ ...set, revision, ...(isDecision && { decision: revision }), updatedAt: at })
    .where(eq(incidents.id, row.id)).returning().get()!
  noteRevision({ feed, register }, tx, next, event, at)
  return next
}

export function noteRevision({ feed, register }: Pick<Room, 'feed' | 'register'>, tx: Transaction, row: IncidentRow, event: RevisionEvent, at: Date): void {
  const { id, number, revision } = row
  feed.note({ id, number, revision, event, at }, () => {
    const templates = new Map(register.endpoints().map(endpoint => [routeIdOf(endpoint), endpoint.template]))
    return lineOf(tx, row, event, at, id => templates.get(id))
  })
}

/** What somebody else decided since is not run over. */
export function requireSeen(row: IncidentRow, revision: number): void {
  if (revision < row.decision) throw new AppError('incident.stale', { revision: row.revision, status: row.status, number: numberOf(row) })
}

export interface Telling {
  /** `news` for who follows it, `assigned` for whom it is given to, `reported` for who looks after it, the rest for everyone whose route carries it. */
  kind: RevisionEvent | 'news' | 'assigned' | 'reported'
  /** Of an incident and kind, so that a thing is told once. */
  key: string
  at: Date
  /** Before everything else: what somebody said, or which incident it goes on with. */
  fact?: Sentence
  by?: string
  /** The only one who is told. */
  to?: string
}

/** Puts into the outbox what people outside want to hear, in the transaction that makes it true. */
export function tellOutside({ notifications, register }: Room, tx: Transaction, row: IncidentRow, { kind, key, at, fact, by, to }: Telling): void {
  const symptoms = symptomsOf(tx, [row.id])
  const routes = new Set(routesOf(symptoms).map(routeIdOf))
  const culprit = row.diagnosis?.culprit
  notifications.enqueue(tx, {
    kind: `incident.${kind}`,
    incidentId: row.id,
    number: row.number,
    severity: (kind === 'resolved' || !isOpen(row) ? row.worst : row.severity) === 'critical' ? 'critical' : 'warning',
    title: row.title,
    facts: [...(fact ? [fact] : []), ...factsOf(tx, row, kind)],
    services: [...new Set([...symptoms.map(({ service }) => service), ...(culprit ? [culprit.service.toLowerCase()] : [])])],
    endpointIds: register.endpoints().filter(endpoint => routes.has(routeIdOf(endpoint))).map(({ id }) => id),
    consumers: consumersOf(tx, [row.id]).map(({ consumer }) => consumer),
    path: `/incidents/${numberOf(row)}`,
    at,
    key: `incident.${kind}:${row.id}:${key}`,
    ...(by && { by }),
    ...(to && { to }),
  })
}

/** Why, who is hurt and how long it lasted, as far as that is known by now. */
function factsOf(tx: Transaction, row: IncidentRow, kind: Telling['kind']): Sentence[] {
  const hurt = consumersOf(tx, [row.id])
  const { diagnosis } = row
  return [
    ...(diagnosis?.culprit ? [...diagnosis.evidence.slice(0, 1), diagnosis.confidenceReason] : []),
    ...(hurt.length
      ? [{ code: 'incidents.fact.hurt' as const, params: { count: hurt.length, names: hurt.slice(0, 5).map(({ consumer }) => consumer).join(', '), failed: Math.round(hurt.reduce((sum, { failed }) => sum + failed, 0)) } }]
      : []),
    ...(kind === 'resolved' && row.resolvedAt && row.status !== 'merged' ? [{ code: 'incidents.fact.lasted' as const, params: { length: { micros: (row.resolvedAt.getTime() - row.onset.getTime()) * 1_000 } } }] : []),
  ]
}
