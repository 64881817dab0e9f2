import { eq, sql } from 'drizzle-orm'
import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import { anonymousRefusals } from '#server/db/control/audit'
import { apiTokens, displayLinks, ingestKeys } from '#server/db/control/credentials'
import { permissionUses, rolePermissions } from '#server/db/control/roles'
import { sessions } from '#server/db/control/sessions'
import { userRoles, users } from '#server/db/control/users'
import type { Permission } from '#shared/permissions'
import { HOUR, MINUTE } from '#shared/units'

export type Sightings = ReturnType<typeof createSightings>

/**
 * Who and what was last seen when. Kept in memory and written once a minute, all together: reading a page must not
 * cost a write, and a kill loses a minute of "last seen", nothing else.
 */
export function createSightings({ db, clock }: { db: Database, clock: Clock }) {
  const seenSessions = new Map<string, { userId: string, at: Date }>()
  const seenTokens = new Map<string, Date>()
  const seenKeys = new Map<string, Date>()
  const seenDisplays = new Map<string, Date>()
  const usedPermissions = new Map<string, { userId: string, permission: Permission, at: Date }>()
  const refused = new Map<string, number>()

  function flush() {
    if (seenSessions.size + seenTokens.size + seenKeys.size + seenDisplays.size + usedPermissions.size + refused.size === 0) return
    db.transaction((tx) => {
      for (const [tokenHash, { userId, at }] of seenSessions) {
        tx.update(sessions).set({ lastSeenAt: at }).where(eq(sessions.tokenHash, tokenHash)).run()
        tx.update(users).set({ lastSeenAt: at }).where(eq(users.id, userId)).run()
      }
      for (const [id, at] of seenTokens) tx.update(apiTokens).set({ lastUsedAt: at }).where(eq(apiTokens.id, id)).run()
      for (const [id, at] of seenKeys) tx.update(ingestKeys).set({ lastUsedAt: at }).where(eq(ingestKeys.id, id)).run()
      for (const [id, at] of seenDisplays) tx.update(displayLinks).set({ lastUsedAt: at }).where(eq(displayLinks.id, id)).run()
      for (const { userId, permission, at } of usedPermissions.values()) {
        // Through every role of that person that grants it.
        tx.insert(permissionUses)
          .select(sql`select ${userRoles.roleId}, ${permission}, ${at.getTime()} from ${userRoles}
            join ${rolePermissions} on ${rolePermissions.roleId} = ${userRoles.roleId} and ${rolePermissions.permission} = ${permission}
            where ${userRoles.userId} = ${userId}`)
          .onConflictDoUpdate({ target: [permissionUses.roleId, permissionUses.permission], set: { lastUsedAt: at } })
          .run()
      }
      const hour = new Date(Math.floor(clock.now().getTime() / HOUR) * HOUR)
      for (const [code, count] of refused) {
        tx.insert(anonymousRefusals).values({ hour, code, count })
          .onConflictDoUpdate({ target: [anonymousRefusals.hour, anonymousRefusals.code], set: { count: sql`${anonymousRefusals.count} + ${count}` } })
          .run()
      }
    })
    for (const noted of [seenSessions, seenTokens, seenKeys, seenDisplays, usedPermissions, refused]) noted.clear()
  }

  const stop = clock.every(MINUTE, flush)

  return {
    session: (tokenHash: string, userId: string) => void seenSessions.set(tokenHash, { userId, at: clock.now() }),
    token: (id: string) => void seenTokens.set(id, clock.now()),
    key: (id: string) => void seenKeys.set(id, clock.now()),
    display: (id: string) => void seenDisplays.set(id, clock.now()),
    use: (userId: string, permission: Permission) => void usedPermissions.set(`${userId} ${permission}`, { userId, permission, at: clock.now() }),
    refusal: (code: string) => void refused.set(code, (refused.get(code) ?? 0) + 1),
    /** Later than what the row says, where this process saw it since. */
    sessionSeen: (tokenHash: string) => seenSessions.get(tokenHash)?.at,
    flush,
    close() {
      stop()
      flush()
    },
  }
}
