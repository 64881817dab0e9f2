import { and, eq, inArray, ne } from 'drizzle-orm'
import type { UserActor } from '#server/access/access'
import type { Database, Transaction } from '#server/db/client'
import { endpointRevisions, endpoints } from '#server/db/control/schema'
import { AppError } from '#shared/errors'
import { isLive } from '#shared/registry/lifecycle'
import { routeKeyOf } from '#shared/route-key'
import { fieldNames, type ConflictDetails, type Endpoint, type EndpointFields, type Lifecycle, type RevisionKind } from '#shared/schemas/endpoint'

export type EndpointRow = typeof endpoints.$inferSelect
export type RevisionRow = typeof endpointRevisions.$inferSelect

export function fieldsOf(row: EndpointFields): EndpointFields {
  return Object.fromEntries(fieldNames.map(name => [name, row[name]])) as unknown as EndpointFields
}

export function toEndpoint(row: EndpointRow): Endpoint {
  return {
    ...fieldsOf(row),
    id: row.id,
    routeKey: row.routeKey,
    lifecycle: row.lifecycle,
    sunset: row.sunset,
    revision: row.revision,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}

export function findRow(db: Database | Transaction, id: string): EndpointRow {
  const row = db.select().from(endpoints).where(eq(endpoints.id, id)).get()
  if (!row) throw new AppError('endpoint.not_found', { id })
  return row
}

/** The live endpoint on a route, if there is one besides `except`. */
export function findHolder(db: Database | Transaction, fields: Pick<EndpointFields, 'service' | 'method' | 'template'>, except?: string): EndpointRow | undefined {
  return db.select().from(endpoints).where(and(
    eq(endpoints.service, fields.service),
    eq(endpoints.method, fields.method),
    eq(endpoints.routeKey, routeKeyOf(fields.template)),
    inArray(endpoints.lifecycle, ['active', 'deprecated']),
    except === undefined ? undefined : ne(endpoints.id, except),
  )).get()
}

/** Of one route at most one endpoint is live; who comes second is told who was first. */
export function requireFreeRoute(tx: Transaction, lifecycle: Lifecycle, fields: EndpointFields, except?: string) {
  const holder = isLive(lifecycle) ? findHolder(tx, fields, except) : undefined
  if (!holder) return
  const { id, method, template, version, nameKo, nameEn, ownerTeam, revision } = holder
  const details: ConflictDetails = { holder: { id, method, template, version, nameKo, nameEn, ownerTeam, revision, lifecycle: holder.lifecycle } }
  throw new AppError('endpoint.conflict', { service: fields.service, method, template, id }, { details })
}

export interface RevisionCause {
  actor: UserActor
  kind: RevisionKind
  restoredFrom?: number
  at: Date
}

/** Writes the row as it is now as its newest revision. */
export function addRevision(tx: Transaction, row: EndpointRow, { actor, kind, restoredFrom, at }: RevisionCause) {
  tx.insert(endpointRevisions).values({
    endpointId: row.id,
    number: row.revision,
    kind,
    restoredFrom,
    lifecycle: row.lifecycle,
    sunset: row.sunset,
    fields: fieldsOf(row),
    authorId: actor.id,
    authorName: actor.name,
    at,
  }).run()
}

/** What the audit trail keeps of a change: only what differs, and always what it is about. */
export function auditOf(row: EndpointRow) {
  return { params: { service: row.service, method: row.method, template: row.template, revision: row.revision }, subject: { kind: 'endpoint', id: row.id } }
}
