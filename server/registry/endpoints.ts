import { randomUUIDv7 } from 'node:crypto'
import { and, eq } from 'drizzle-orm'
import { recordAudit, type UserActor } from '#server/access/access'
import type { Clock } from '#server/clock'
import type { Database, Transaction } from '#server/db/client'
import { endpointRevisions, endpoints } from '#server/db/control/schema'
import { AppError } from '#shared/errors'
import { changedFields } from '#shared/registry/revision-diff'
import { isLive } from '#shared/registry/lifecycle'
import { routeKeyOf } from '#shared/route-key'
import type { CreateEndpoint, Endpoint, EndpointFields, Meanwhile, StaleDetails, UpdateEndpoint } from '#shared/schemas/endpoint'
import { addRevision, auditOf, fieldsOf, findRow, requireFreeRoute, toEndpoint, type EndpointRow } from './endpoint-rows'
import { mergeEdits } from './merge-edits'
import { ensureService } from './service-rows'

/** Registers and changes endpoints. Nothing here waits: what must be true together is one transaction. */
export function createEndpoints({ db, clock, changed }: { db: Database, clock: Clock, changed: () => void }) {
  return {
    find: (id: string): Endpoint => toEndpoint(findRow(db, id)),

    create(actor: UserActor, { lifecycle, ...fields }: CreateEndpoint): Endpoint {
      const created = db.transaction((tx) => {
        const at = clock.now()
        requireFreeRoute(tx, lifecycle, fields)
        ensureService(tx, { name: fields.service, at })
        const row = tx.insert(endpoints).values({
          ...fields,
          id: randomUUIDv7(),
          routeKey: routeKeyOf(fields.template),
          lifecycle,
          lifecycleSince: at,
          wentLiveAt: isLive(lifecycle) ? at : null,
          revision: 1,
          createdAt: at,
          updatedAt: at,
        }).returning().get()
        addRevision(tx, row, { actor, kind: 'created', at })
        recordAudit(tx, { actor, action: 'endpoint.create', permission: 'endpoints:write', ...auditOf(row), after: { ...fields, lifecycle }, at })
        return row
      }, { behavior: 'immediate' })
      changed()
      return toEndpoint(created)
    },

    /** What others saved since `revision` is merged where it touches other fields, and told where it does not. */
    update(actor: UserActor, id: string, { revision, fields }: UpdateEndpoint): { endpoint: Endpoint, merged: Meanwhile | null } {
      const saved = db.transaction((tx) => {
        const row = findRow(tx, id)
        const merged = row.revision === revision ? undefined : mergeWithOthers(tx, row, revision, fields)
        return { row: save(tx, actor, row, merged?.fields ?? fields), merged: merged?.meanwhile ?? null }
      }, { behavior: 'immediate' })
      changed()
      return { endpoint: toEndpoint(saved.row), merged: saved.merged }
    },

    /** Only for drafts nobody called; the caller has looked into the traffic. */
    remove(actor: UserActor, id: string) {
      db.transaction((tx) => {
        const row = findRow(tx, id)
        if (row.lifecycle !== 'draft' || row.wentLiveAt) throw new AppError('endpoint.not_deletable', { id })
        recordAudit(tx, { actor, action: 'endpoint.delete', permission: 'endpoints:write', ...auditOf(row), before: { ...fieldsOf(row), lifecycle: row.lifecycle }, at: clock.now() })
        tx.delete(endpoints).where(eq(endpoints.id, id)).run()
      }, { behavior: 'immediate' })
      changed()
    },
  }

  function save(tx: Transaction, actor: UserActor, row: EndpointRow, fields: EndpointFields): EndpointRow {
    const names = changedFields(fieldsOf(row), fields)
    if (!names.length) return row
    const at = clock.now()
    requireFreeRoute(tx, row.lifecycle, fields, row.id)
    ensureService(tx, { name: fields.service, at })
    const next = tx.update(endpoints)
      .set({ ...fields, routeKey: routeKeyOf(fields.template), revision: row.revision + 1, updatedAt: at })
      .where(eq(endpoints.id, row.id)).returning().get()!
    addRevision(tx, next, { actor, kind: 'edited', at })
    const only = (from: EndpointFields) => Object.fromEntries(names.map(name => [name, from[name]]))
    recordAudit(tx, { actor, action: 'endpoint.update', permission: 'endpoints:write', ...auditOf(next), before: only(row), after: only(fields), at })
    return next
  }
}

function mergeWithOthers(tx: Transaction, row: EndpointRow, revision: number, mine: EndpointFields): { fields: EndpointFields, meanwhile: Meanwhile } {
  const held = (number: number) => tx.select().from(endpointRevisions)
    .where(and(eq(endpointRevisions.endpointId, row.id), eq(endpointRevisions.number, number))).get()
  const base = held(revision)
  const newest = held(row.revision)
  if (!base || !newest) throw new AppError('endpoint.revision_not_found', { number: revision })

  const merge = mergeEdits(base.fields, newest.fields, mine)
  const at = newest.at.toISOString()
  if (merge.conflicts.length) {
    const details: StaleDetails = {
      base: { revision, fields: base.fields },
      theirs: { revision: row.revision, fields: newest.fields, author: newest.authorName, at, changed: changedFields(base.fields, newest.fields) },
      conflicts: merge.conflicts,
    }
    throw new AppError('endpoint.stale', { author: newest.authorName, revision: row.revision }, { details })
  }
  return { fields: merge.fields, meanwhile: { revision: row.revision, author: newest.authorName, at, fields: merge.theirs } }
}
