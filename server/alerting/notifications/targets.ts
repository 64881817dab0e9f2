import { and, eq, isNull } from 'drizzle-orm'
import type { Database } from '#server/db/client'
import { notificationChannels, rolePermissions, userRoles, users } from '#server/db/control/schema'
import type { ChannelKind, Wording } from '#shared/schemas/notification'
import type { Language } from '#shared/text/languages'

/** A destination as it is now, with all that sending needs. */
export interface Target {
  kind: ChannelKind
  /** As people know it. */
  name: string
  url: string | null
  to: string[]
  /** Newest first. */
  secrets: string[]
  language: Language
  zone: string
  wording: Wording
}

/** Undefined where nothing may be sent any more: gone, switched off, or no longer allowed to read incidents. */
export type FindTarget = (destination: { channelId: string | null, userId: string | null }, at: Date) => Target | undefined

export function createTargets({ db, defaults }: { db: Database, defaults: { language: Language, zone: string } }): FindTarget {
  return ({ channelId, userId }, at) => (channelId !== null ? channel(channelId, at) : userId !== null ? person(userId) : undefined)

  function channel(id: string, at: Date): Target | undefined {
    const row = db.select().from(notificationChannels).where(and(eq(notificationChannels.id, id), eq(notificationChannels.enabled, true), isNull(notificationChannels.goneAt))).get()
    if (!row) return undefined
    const previous = row.previousSecret !== null && row.previousSecretUntil !== null && row.previousSecretUntil > at ? [row.previousSecret] : []
    return {
      kind: row.kind, name: row.name, url: row.url, to: row.recipients, secrets: [...row.secret === null ? [] : [row.secret], ...previous],
      language: row.language, zone: row.zone, wording: row.wording,
    }
  }

  /** Who may not look into traces is told in plain words, as on the page. */
  function person(id: string): Target | undefined {
    const row = db.select().from(users).where(and(eq(users.id, id), isNull(users.disabledAt))).get()
    if (!row) return undefined
    const rights = new Set(db.select({ permission: rolePermissions.permission }).from(userRoles)
      .innerJoin(rolePermissions, eq(rolePermissions.roleId, userRoles.roleId)).where(eq(userRoles.userId, id)).all().map(({ permission }) => permission))
    if (!rights.has('incidents:read')) return undefined
    return {
      kind: 'email', name: row.name, url: null, to: [row.email], secrets: [],
      language: row.language ?? defaults.language, zone: row.zone ?? defaults.zone, wording: rights.has('traces:read') ? 'full' : 'plain',
    }
  }
}
