import { randomUUIDv7 } from 'node:crypto'
import { desc, eq, isNull } from 'drizzle-orm'
import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import { ingestKeys } from '#server/db/control/credentials'
import { AppError } from '#shared/errors'
import type { CreateIngestKey } from '#shared/schemas/access'
import type { IngestKeyView } from '#shared/schemas/access-views'
import type { IngestScope } from '#shared/schemas/ingest-scope'
import type { UserActor } from './actor'
import { recordAudit } from './audit'
import { createSecret, digest } from './secret'

type Row = typeof ingestKeys.$inferSelect

/** What a receiver needs to judge a sender, by the SHA-256 of the key it brings. */
export interface KeyGrant {
  id: string
  name: string
  keyHash: string
  scopes: readonly IngestScope[]
  /** Lower case; null: all. */
  services: readonly string[] | null
  samplingRatio: number
}

export function createIngestKeys({ db, clock }: { db: Database, clock: Clock }) {
  const permission = 'ingest-keys:manage' as const
  const listeners = new Set<() => void>()
  const changed = () => listeners.forEach(listener => listener())

  return {
    list: (): IngestKeyView[] => db.select().from(ingestKeys).orderBy(desc(ingestKeys.createdAt)).all().map(viewOf),

    create(actor: UserActor, { value, ...input }: CreateIngestKey): { key: IngestKeyView, secret: string | null } {
      const secret = value ?? createSecret('bongsu_key_')
      const key = db.transaction((tx) => {
        const keyHash = digest(secret)
        if (tx.select({ id: ingestKeys.id }).from(ingestKeys).where(eq(ingestKeys.keyHash, keyHash)).get()) throw new AppError('access.key_taken')
        const row = tx.insert(ingestKeys).values({
          ...input, id: randomUUIDv7(), keyHash, hint: secret.slice(-4),
          scopes: [...new Set(input.scopes)],
          services: input.services && [...new Set(input.services.map(service => service.toLowerCase()))],
          createdBy: actor.name, createdAt: clock.now(),
        }).returning().get()
        recordAudit(tx, { actor, action: 'key.create', permission, params: { key: row.name }, subject: { kind: 'key', id: row.id }, after: { ...input }, at: clock.now() })
        return viewOf(row)
      }, { behavior: 'immediate' })
      changed()
      return { key, secret: value === undefined ? secret : null }
    },

    /** Kept as a row, so that what it sent still has a name. */
    revoke(actor: UserActor, id: string): IngestKeyView {
      const key = db.transaction((tx) => {
        const row = tx.select().from(ingestKeys).where(eq(ingestKeys.id, id)).get()
        if (!row) throw new AppError('access.key_not_found')
        if (row.revokedAt) return viewOf(row)
        recordAudit(tx, { actor, action: 'key.revoke', permission, params: { key: row.name }, subject: { kind: 'key', id }, at: clock.now() })
        return viewOf(tx.update(ingestKeys).set({ revokedAt: clock.now() }).where(eq(ingestKeys.id, id)).returning().get())
      }, { behavior: 'immediate' })
      changed()
      return key
    },

    /** Every key that counts, for the receivers' snapshot. */
    grants(): KeyGrant[] {
      return db.select().from(ingestKeys).where(isNull(ingestKeys.revokedAt)).all()
        .map(({ id, name, keyHash, scopes, services, samplingRatio }) => ({ id, name, keyHash, scopes, services, samplingRatio }))
    },

    /** Tells of every change of the keys; the answer ends it. */
    onChange(listener: () => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function viewOf({ keyHash, ...row }: Row): IngestKeyView {
  return {
    ...row,
    createdAt: row.createdAt.toISOString(), lastUsedAt: row.lastUsedAt?.toISOString() ?? null, revokedAt: row.revokedAt?.toISOString() ?? null,
  }
}
