import { randomUUIDv7 } from 'node:crypto'
import { and, asc, count, eq, or } from 'drizzle-orm'
import { recordAudit, type UserActor } from '#server/access/access'
import type { Clock } from '#server/clock'
import type { Database, Transaction } from '#server/db/client'
import { savedQueries, users } from '#server/db/control/schema'
import { AppError } from '#shared/errors'
import type { SavedQuery, SaveQuery, UpdateSavedQuery } from '#shared/schemas/metrics'

const mostOfOne = 200

type Row = typeof savedQueries.$inferSelect

/** Queries somebody keeps: one's own, and what others share. Only the owner changes one. */
export function createSavedQueries({ db, clock }: { db: Database, clock: Clock }) {
  return {
    list(actor: UserActor): SavedQuery[] {
      return db.select({ row: savedQueries, owner: users.name }).from(savedQueries).innerJoin(users, eq(users.id, savedQueries.ownerId))
        .where(or(eq(savedQueries.ownerId, actor.id), eq(savedQueries.shared, true))).orderBy(asc(savedQueries.name)).all()
        .map(({ row, owner }) => toView(row, owner, actor))
    },

    save(actor: UserActor, input: SaveQuery): SavedQuery {
      const at = clock.now()
      return db.transaction((tx) => {
        const { own } = tx.select({ own: count() }).from(savedQueries).where(eq(savedQueries.ownerId, actor.id)).get()!
        if (own >= mostOfOne) throw new AppError('metrics.saved_full', { most: mostOfOne })
        const row = tx.insert(savedQueries).values({ id: randomUUIDv7(), ownerId: actor.id, ...input, createdAt: at, updatedAt: at }).returning().get()
        recordAudit(tx, { actor, action: 'query.save', permission: 'metrics:query', params: { name: row.name }, subject: { kind: 'query', id: row.id }, after: { ...input }, at })
        return toView(row, actor.name, actor)
      }, { behavior: 'immediate' })
    },

    update(actor: UserActor, id: string, input: UpdateSavedQuery): SavedQuery {
      const at = clock.now()
      return db.transaction((tx) => {
        const row = findOwn(tx, actor, id)
        const changed = (['name', 'query', 'mode', 'shared'] as const).filter(field => input[field] !== undefined && input[field] !== row[field])
        if (!changed.length) return toView(row, actor.name, actor)
        const only = (from: UpdateSavedQuery) => Object.fromEntries(changed.map(field => [field, from[field]]))
        const next = tx.update(savedQueries).set({ ...only(input), updatedAt: at }).where(eq(savedQueries.id, id)).returning().get()
        recordAudit(tx, { actor, action: 'query.update', permission: 'metrics:query', params: { name: next.name }, subject: { kind: 'query', id }, before: only(row), after: only(input), at })
        return toView(next, actor.name, actor)
      }, { behavior: 'immediate' })
    },

    remove(actor: UserActor, id: string): void {
      db.transaction((tx) => {
        const row = findOwn(tx, actor, id)
        tx.delete(savedQueries).where(eq(savedQueries.id, id)).run()
        recordAudit(tx, { actor, action: 'query.delete', permission: 'metrics:query', params: { name: row.name }, subject: { kind: 'query', id }, before: { name: row.name, query: row.query }, at: clock.now() })
      }, { behavior: 'immediate' })
    },
  }
}

export type SavedQueries = ReturnType<typeof createSavedQueries>

/** Somebody else's is not there to be changed. */
function findOwn(tx: Transaction, actor: UserActor, id: string): Row {
  const row = tx.select().from(savedQueries).where(and(eq(savedQueries.id, id), eq(savedQueries.ownerId, actor.id))).get()
  if (!row) throw new AppError('metrics.saved_not_found')
  return row
}

function toView({ id, name, query, mode, shared, ownerId, updatedAt }: Row, owner: string, actor: UserActor): SavedQuery {
  return { id, name, query, mode, shared, own: ownerId === actor.id, owner, updatedAt: updatedAt.toISOString() }
}
