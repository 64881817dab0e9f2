import { and, desc, eq } from 'drizzle-orm'
import { recordAudit, type UserActor } from '#server/access/access'
import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import { endpointRevisions, endpoints } from '#server/db/control/schema'
import { AppError } from '#shared/errors'
import { changedFields } from '#shared/registry/revision-diff'
import { routeKeyOf } from '#shared/route-key'
import type { Endpoint, Revision } from '#shared/schemas/endpoint'
import { addRevision, auditOf, fieldsOf, findRow, requireFreeRoute, toEndpoint, type RevisionRow } from './endpoint-rows'

/** What an endpoint was, and the way back. Restoring writes a new revision; none is ever changed. */
export function createRevisions({ db, clock, changed }: { db: Database, clock: Clock, changed: () => void }) {
  return {
    /** Newest first. */
    list(id: string): Revision[] {
      findRow(db, id)
      const rows = db.select().from(endpointRevisions).where(eq(endpointRevisions.endpointId, id)).orderBy(desc(endpointRevisions.number)).all()
      return rows.map((row, at) => toRevision(row, rows[at + 1]))
    },

    /** `current` is the revision that was newest on the restorer's screen: whoever saved after it is not run over. */
    restore(actor: UserActor, id: string, number: number, current: number): Endpoint {
      const restored = db.transaction((tx) => {
        const row = findRow(tx, id)
        const wanted = tx.select().from(endpointRevisions).where(and(eq(endpointRevisions.endpointId, id), eq(endpointRevisions.number, number))).get()
        if (!wanted) throw new AppError('endpoint.revision_not_found', { number })
        if (row.revision !== current) throw new AppError('endpoint.stale', { revision: row.revision })
        const names = changedFields(fieldsOf(row), wanted.fields)
        if (!names.length) return row
        requireFreeRoute(tx, row.lifecycle, wanted.fields, id)

        const at = clock.now()
        const next = tx.update(endpoints)
          .set({ ...wanted.fields, routeKey: routeKeyOf(wanted.fields.template), revision: row.revision + 1, updatedAt: at })
          .where(eq(endpoints.id, id)).returning().get()!
        addRevision(tx, next, { actor, kind: 'restored', restoredFrom: number, at })
        const only = (from: Revision['fields']) => Object.fromEntries(names.map(name => [name, from[name]]))
        recordAudit(tx, { actor, action: 'endpoint.restore_revision', permission: 'endpoints:write', ...auditOf(next), before: only(row), after: only(next), at })
        return next
      }, { behavior: 'immediate' })
      changed()
      return toEndpoint(restored)
    },
  }
}

export function toRevision(row: RevisionRow, before?: RevisionRow): Revision {
  return {
    number: row.number,
    kind: row.kind,
    restoredFrom: row.restoredFrom,
    lifecycle: row.lifecycle,
    sunset: row.sunset,
    fields: row.fields,
    changed: before ? changedFields(before.fields, row.fields) : [],
    author: row.authorName,
    at: row.at.toISOString(),
  }
}
