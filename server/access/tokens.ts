import { randomUUIDv7 } from 'node:crypto'
import { and, desc, eq } from 'drizzle-orm'
import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import { apiTokens } from '#server/db/control/credentials'
import { AppError } from '#shared/errors'
import type { CreateToken } from '#shared/schemas/access'
import type { TokenView } from '#shared/schemas/access-views'
import { DAY } from '#shared/units'
import { refuseToken, type UserActor } from './actor'
import { recordAudit } from './audit'
import { refuseEscalation } from './role-rules'
import { createSecret, digest } from './secret'

export type Tokens = ReturnType<typeof createTokens>

/** A person's own tokens. They are made by the person in a browser, never by another token. */
export function createTokens({ db, clock }: { db: Database, clock: Clock }) {
  return {
    list(actor: UserActor): TokenView[] {
      return db.select().from(apiTokens).where(eq(apiTokens.userId, actor.id)).orderBy(desc(apiTokens.createdAt)).all().map(viewOf)
    },

    create(actor: UserActor, { name, permissions, days }: CreateToken): { token: TokenView, secret: string } {
      refuseToken(actor)
      refuseEscalation(actor, permissions)
      const secret = createSecret('bongsu_')
      const now = clock.now()
      return db.transaction((tx) => {
        const row = tx.insert(apiTokens).values({
          id: randomUUIDv7(), tokenHash: digest(secret), userId: actor.id, name, permissions: [...new Set(permissions)],
          createdAt: now, expiresAt: days === null ? null : new Date(now.getTime() + days * DAY),
        }).returning().get()
        recordAudit(tx, { actor, action: 'token.create', params: { token: name }, subject: { kind: 'token', id: row.id }, after: { name, permissions }, at: now })
        return { token: viewOf(row), secret }
      })
    },

    remove(actor: UserActor, id: string): void {
      db.transaction((tx) => {
        const row = tx.delete(apiTokens).where(and(eq(apiTokens.id, id), eq(apiTokens.userId, actor.id))).returning().get()
        if (!row) throw new AppError('access.token_not_found')
        recordAudit(tx, { actor, action: 'token.delete', params: { token: row.name }, subject: { kind: 'token', id }, at: clock.now() })
      })
    },
  }
}

function viewOf(row: typeof apiTokens.$inferSelect): TokenView {
  return {
    id: row.id, name: row.name, permissions: row.permissions,
    createdAt: row.createdAt.toISOString(), lastUsedAt: row.lastUsedAt?.toISOString() ?? null, expiresAt: row.expiresAt?.toISOString() ?? null,
  }
}
