import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import { apiTokens, displayLinks, ingestKeys } from '#server/db/control/credentials'
import { rolePermissions } from '#server/db/control/roles'
import { sessions } from '#server/db/control/sessions'
import { userRoles, users } from '#server/db/control/users'
import { displayPermissions, type Permission } from '#shared/permissions'
import type { DisplayActor, KeyActor, UserActor } from './actor'
import { digest } from './secret'
import { isSessionAlive } from './session-rules'
import type { Sightings } from './sightings'
import { createUnchanged } from './unchanged'

/** From a secret to who it stands for, by the rows of this moment; undefined for whatever does not count any more. */
export function createIdentity({ db, clock, sightings }: { db: Database, clock: Clock, sightings: Sightings }) {
  const person = { id: users.id, name: users.name, email: users.email, language: users.language, zone: users.zone, theme: users.theme }
  const bySession = db.select({ ...person, session: sessions })
    .from(sessions).innerJoin(users, eq(users.id, sessions.userId))
    .where(and(eq(sessions.tokenHash, sql.placeholder('hash')), isNull(users.disabledAt))).prepare()
  const byToken = db.select({ ...person, token: apiTokens })
    .from(apiTokens).innerJoin(users, eq(users.id, apiTokens.userId))
    .where(and(eq(apiTokens.tokenHash, sql.placeholder('hash')), isNull(users.disabledAt))).prepare()
  const byKey = db.select().from(ingestKeys)
    .where(and(eq(ingestKeys.keyHash, sql.placeholder('hash')), isNull(ingestKeys.revokedAt))).prepare()
  const byDisplay = db.select().from(displayLinks)
    .where(and(eq(displayLinks.tokenHash, sql.placeholder('hash')), isNull(displayLinks.revokedAt))).prepare()
  const grants = db.select({ role: userRoles.roleId, permission: rolePermissions.permission })
    .from(userRoles).leftJoin(rolePermissions, eq(rolePermissions.roleId, userRoles.roleId))
    .where(eq(userRoles.userId, sql.placeholder('userId'))).prepare()

  const isThere = db.select({ id: users.id }).from(users).where(and(eq(users.id, sql.placeholder('userId')), isNull(users.disabledAt))).prepare()

  const unchanged = createUnchanged<ReturnType<typeof readSession> & object>(db)

  function readSession(hash: string) {
    const row = bySession.get({ hash })
    return row && { ...row, rights: rightsOf(row.id) }
  }

  function rightsOf(userId: string) {
    const rows = grants.all({ userId })
    return {
      roles: [...new Set(rows.map(row => row.role))],
      permissions: new Set(rows.flatMap(row => row.permission ?? [])),
    }
  }

  return {
    /** Whether a person has a right at this moment; asked of what goes on in their name while they are not here. */
    mayStill: (userId: string, permission: Permission): boolean => isThere.get({ userId }) !== undefined && rightsOf(userId).permissions.has(permission),

    identifySession(token: string): UserActor | undefined {
      const hash = digest(token)
      const row = unchanged(hash, () => readSession(hash))
      if (!row) return undefined
      const { session, rights, ...user } = row
      const lastSeenAt = sightings.sessionSeen(hash) ?? session.lastSeenAt
      if (!isSessionAlive({ ...session, lastSeenAt }, clock.now())) return undefined
      sightings.session(hash, user.id)
      return { kind: 'user', ...user, ...rights, via: { kind: 'session', id: session.id, renew: session.renew } }
    },

    identifyToken(secret: string): UserActor | undefined {
      const row = byToken.get({ hash: digest(secret) })
      if (!row) return undefined
      const { token, ...user } = row
      if (token.expiresAt && token.expiresAt <= clock.now()) return undefined
      sightings.token(token.id)
      const { roles, permissions } = rightsOf(user.id)
      const own = new Set(token.permissions.filter((permission: Permission) => permissions.has(permission)))
      return { kind: 'user', ...user, roles, permissions: own, via: { kind: 'token', id: token.id, name: token.name } }
    },

    identifyKey(secret: string): KeyActor | undefined {
      const row = byKey.get({ hash: digest(secret) })
      if (!row) return undefined
      sightings.key(row.id)
      return { kind: 'key', id: row.id, name: row.name, scopes: row.scopes, services: row.services, permissions: new Set() }
    },

    identifyDisplay(secret: string): DisplayActor | undefined {
      const row = byDisplay.get({ hash: digest(secret) })
      if (!row || row.expiresAt <= clock.now()) return undefined
      sightings.display(row.id)
      return { kind: 'display', id: row.id, name: row.name, language: row.language, expiresAt: row.expiresAt, permissions: new Set(displayPermissions) }
    },
  }
}
