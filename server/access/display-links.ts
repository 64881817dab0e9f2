import { randomUUIDv7 } from 'node:crypto'
import { desc, eq } from 'drizzle-orm'
import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import { displayLinks } from '#server/db/control/credentials'
import { AppError } from '#shared/errors'
import type { CreateDisplayLink } from '#shared/schemas/access'
import type { DisplayLinkView } from '#shared/schemas/access-views'
import { DAY } from '#shared/units'
import type { UserActor } from './actor'
import { recordAudit } from './audit'
import { createSecret, digest } from './secret'

/** Links for screens on a wall: made and revoked by people, used by nobody in particular. */
export function createDisplayLinks({ db, clock }: { db: Database, clock: Clock }) {
  const permission = 'settings:manage' as const

  return {
    list: (): DisplayLinkView[] => db.select().from(displayLinks).orderBy(desc(displayLinks.createdAt)).all().map(viewOf),

    /** Answers the address once; only its digest is kept. */
    create(actor: UserActor, { name, language, days }: CreateDisplayLink): { link: DisplayLinkView, path: string } {
      const secret = createSecret('bongsu_wall_')
      const now = clock.now()
      return db.transaction((tx) => {
        const row = tx.insert(displayLinks).values({
          id: randomUUIDv7(), name, language, tokenHash: digest(secret), createdBy: actor.name, createdAt: now, expiresAt: new Date(now.getTime() + days * DAY),
        }).returning().get()
        recordAudit(tx, { actor, action: 'display.create', permission, params: { display: name }, subject: { kind: 'display', id: row.id }, after: { name, language, days }, at: now })
        return { link: viewOf(row), path: `/wall?key=${secret}` }
      }, { behavior: 'immediate' })
    },

    /** Counts from the screen's next question on. */
    revoke(actor: UserActor, id: string): DisplayLinkView {
      return db.transaction((tx) => {
        const row = tx.select().from(displayLinks).where(eq(displayLinks.id, id)).get()
        if (!row) throw new AppError('access.display_not_found')
        if (row.revokedAt) return viewOf(row)
        recordAudit(tx, { actor, action: 'display.revoke', permission, params: { display: row.name }, subject: { kind: 'display', id }, at: clock.now() })
        return viewOf(tx.update(displayLinks).set({ revokedAt: clock.now() }).where(eq(displayLinks.id, id)).returning().get())
      }, { behavior: 'immediate' })
    },
  }
}

function viewOf({ tokenHash, ...row }: typeof displayLinks.$inferSelect): DisplayLinkView {
  return {
    ...row,
    createdAt: row.createdAt.toISOString(), expiresAt: row.expiresAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null, revokedAt: row.revokedAt?.toISOString() ?? null,
  }
}
